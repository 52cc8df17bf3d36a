/** What puts other instructions or another role in place of those that a model has. */
import { injectionPatterns, type InjectionPattern } from './injection-pattern.ts';

/** Words between two parts of a pattern; few, so that matching stays linear. */
const GAP = "(?:[^\\w\\n]{1,3}[\\w'’-]{1,20}){0,5}?[^\\w\\n]{1,3}";
const OLD_EN =
  '(?:all|any|every|everything|previous|prior|preceding|above|earlier|existing|former|foregoing|initial|original|system|your|these|those|given|provided|past|other|current)';
const ORDERS_EN =
  '(?:instructions?|directions?|directives?|orders|commands?|prompts?|rules|guidelines|constraints|restrictions|polic(?:y|ies)|context|conversations?|tasks|assignments?|training|programming|documents?|articles|sentences?|requests?|details|texts?|everything|anything|said|told|statements?|guidance|roles?)';

export const OVERRIDE_PATTERNS: readonly InjectionPattern[] = [
  ...injectionPatterns('override of instructions', [
    [
      0.9,
      `\\b(?:ignor(?:e|ing)|disregard(?:ing)?|forget|overr(?:ide|ule)|overlook|neglect|bypass|discard|abandon|delete|erase|(?:do not|don't|dont|stop|never) (?:follow(?:ing)?|obey(?:ing)?|listen(?:ing)? to|pay(?:ing)? attention to|consider(?:ing)?))(?:${GAP}|[^\\w\\n]{1,3})${OLD_EN}(?:${GAP}|[^\\w\\n]{1,3})${ORDERS_EN}\\b`,
    ],
    [0.8, '\\bignor(?:e|ing)\\b[^.\\n]{0,20}\\b(?:told|instructed|taught|asked)\\b'],
    [0.9, `\\bforget (?:about )?(?:everything|all|anything|whatever|what|that)\\b`],
    [0.8, `\\b(?:leave|put)\\b[^.\\n]{0,40}\\b(?:previous|prior|earlier)\\b[^.\\n]{0,30}\\bbehind\\b`],
    [
      0.7,
      '\\b(?:new|further|updated|revised|real|actual|different|following) (?:instructions?|tasks?|orders?|directives?|rules)\\b[^.\\n]{0,20}(?:\\bfollow|\\bare\\b|\\bnow\\b|:)',
    ],
    [
      0.8,
      '\\b(?:focus on|here is|this is|with|begin|start)\\b[^.\\n]{0,20}\\b(?:your|a|my) (?:new|next|real|actual|only) (?:task|job|instruction|objective|goal|mission)\\b',
    ],
    [
      0.8,
      '\\byour (?:new )?(?:instructions?|tasks?|job|orders|objective|goal|mission) (?:is|are|will be) now\\b|\\byour new (?:instructions?|task|job|objective|goal|mission)\\b',
    ],
    [
      0.6,
      '\\bcontrary to (?:previous|prior|earlier|your)\\b|\\binstead of (?:following|obeying|doing)\\b[^.\\n]{0,20}\\b(?:instructions?|task|that)\\b',
    ],
    [
      0.6,
      '\\b(?:previous|prior|above|earlier|initial|original|old) (?:instructions?|prompts?|rules|orders|directives?|tasks?)\\b[^.\\n]{0,40}\\b(?:void|invalid|obsolete|cancell?ed|no longer|wrong|mistake|irrelevant|outdated|not (?:apply|valid|important|relevant)|replaced|superseded)\\b',
    ],
    [
      0.9,
      '\\b(?:ignorier\\w*|vergiss|vergesst|vergessen sie|missacht\\w*|überschreib\\w*|verwirf|beachte nicht)\\b[^.\\n]{0,40}?\\b(?:all\\w*|vorherig\\w*|bisherig\\w*|obig\\w*|vorangehend\\w*|vorangegangen\\w*|vorig\\w*|davor|gesagt\\w*|dein\\w*|früher\\w*|anweisung\\w*|instruktion\\w*)\\b',
    ],
    [
      0.9,
      '\\b(?:vorherig\\w*|bisherig\\w*|obig\\w*|vorangegangen\\w*|vorangehend\\w*|alle|deine)\\b[^.\\n]{0,30}?\\b(?:anweisung\\w*|instruktion\\w*|befehl\\w*|angaben|aufgaben|aufträge|informationen|regeln|vorgaben|ausführungen)\\b[^.\\n]{0,30}?\\b(?:ignorier\\w*|vergess\\w*|vergiss|missacht\\w*|hinter)\\b',
    ],
    [0.8, '\\babweichend (?:zu|von)\\b[^.\\n]{0,20}\\b(?:vorherig|bisherig|obig|allen)\\w*'],
    [
      0.7,
      '\\b(?:nun|jetzt|hier)\\b[^.\\n]{0,12}\\b(?:neue|weitere|andere)\\b[^.\\n]{0,12}(?:anweisung|aufgab|instruktion|befehl|aufträg)\\w*|\\bdeine neuen? (?:aufgabe|anweisung)\\w*|\\bneue(?:n|r)? (?:aufgabe|anweisung)\\w*\\s*:',
    ],
    [
      0.9,
      '\\b(?:olvid\\w*|ignor[ae]\\w*|descart\\w*|haz caso omiso)\\b[^.\\n]{0,30}?\\b(?:instruccion\\w*|ordenes|reglas|indicaciones|anterior\\w*|tod[oa]s? (?:lo )?que)\\b',
    ],
    [
      0.9,
      '\\b(?:oubli\\w*|ignor\\w*|ne (?:tiens|tenez) (?:pas|aucun) compte)\\b[^.\\n]{0,30}?\\b(?:instructions?|consignes?|ordres?|regles?|directives?|precedent\\w*|ci-dessus)\\b',
    ],
    [
      0.9,
      '\\b(?:ignora\\w*|dimentic\\w*|scorda\\w*)\\b[^.\\n]{0,30}?\\b(?:istruzioni|ordini|regole|comandi|precedent\\w*)\\b',
    ],
    [
      0.9,
      '\\b(?:ignor\\w*|esque[cç]\\w*|desconsider\\w*)\\b[^.\\n]{0,30}?\\b(?:instru[cç][oõ]es|ordens|regras|anteriores)\\b',
    ],
    [0.9, '\\b(?:negeer|vergeet|neger)\\b[^.\\n]{0,30}?\\b(?:instructies|opdrachten|regels|alles|vorige)\\b'],
    [
      0.9,
      '\\b(?:zaboravi\\w*|ignori\\w*|zanemari\\w*|zignoruj|zapomnij|ignoruj)(?:[^.\\n]{0,30}?)\\b(?:instrukcij?\\w*|uput\\w*|sve|naredb\\w*|poleceni\\w*|wszystk\\w*)',
    ],
    [
      0.9,
      '(?:забудь|забыть|игнорир|проигнорир|не обращай|забути|ігнору)[^.\\n]{0,40}?(?:инструкц|указан|вс[её]|правил|предыдущ|інструкц)',
    ],
    [
      0.9,
      '(?:忽略|忽視|忘记|忘記|无视|無視|不要理会|不要理會).{0,14}(?:指令|指示|提示|内容|內容|规则|規則|要求|设定|設定|对话|對話)|(?:指示|命令|ルール|プロンプト).{0,8}(?:無視|忘れ)|(?:지시|명령|규칙|프롬프트).{0,8}(?:무시|잊)',
    ],
  ]),
  ...injectionPatterns('a role to play', [
    [
      0.8,
      "\\b(?:i (?:want|need|would like|wish) (?:you|u) to|you (?:will|shall|must|should|can|are going to|need to)|(?:please|now|kindly)|can you|could you|let(?:’|')?s)\\b[^.\\n]{0,15}\\b(?:act|behave|pretend|role-?play|impersonate|simulate|play the (?:role|part)|(?:respond|talk|speak|answer|write) (?:as|like) (?:a|an|if|the))\\b",
    ],
    [0.75, '(?:^|[.!?:;"”\\n] *|\\b(?:then|and|now|just) )act(?:ing)? (?:as|like) (?:a|an|the|if|my)\\b'],
    [
      0.8,
      "\\b(?:you are|you're|u are) (?:now|no longer|going to (?:be|act|play|pretend))\\b(?! (?:ready|able|subscribed|signed|logged|connected|registered|required|eligible|leaving|viewing|in the|on the|part of|using))|\\bnow you are (?!ready|able|done)",
    ],
    [
      0.8,
      '\\bfrom (?:now|this (?:moment|point|message)) on(?:wards?)?\\b[^.\\n]{0,12}\\b(?:you|your|always|respond|reply|answer|only|act|speak|talk)\\b',
    ],
    [
      0.7,
      "\\b(?:pretend|imagine|suppose|assume)\\b[^.\\n]{0,12}\\b(?:to be|you are|you're|you were|yourself|that you)\\b",
    ],
    [0.7, '\\b(?:role-?play(?:ing)?|roleplay)\\b'],
    [
      0.7,
      '\\b(?:stay|remain|keep|always|not break|never break|break(?:ing)?(?: out of)?)\\b[^.\\n]{0,14}\\b(?:in |of |your |out of )?character\\b|\\b(?:fall|falling) out of (?:the|your|their) (?:role|figure|character)\\b|\\bstays? in (?:their|your|his|her) roles?\\b|\\b(?:aus der|in (?:deiner|ihrer|seiner|ihren)) rollen?\\b',
    ],
    [
      0.95,
      '\\b(?:do anything now|dan mode|developer mode|god mode|jailbr(?:eak|oken)|evil ?(?:bot|confidant)|opposite mode|stan mode|dude mode|aim mode|machiavellian|unfiltered and amoral)\\b',
    ],
    [
      0.5,
      '\\byou are (?:the|a|an) [\\w -]{2,30}[.,][^\\n]{0,60}\\b(?:tell me|as (?:a|an|the)|answer|respond|your (?:job|task|role))\\b',
    ],
    [
      0.6,
      '\\b(?:hypothetical|theoretical|fictional|imaginary)(?:ly)?\\b[^.\\n]{0,30}\\b(?:response|scenario|world|story|situation|character)\\b[^.\\n]{0,60}\\b(?:you|where)\\b',
    ],
    [0.75, '\\b(?:in the style of|im stile? (?:von|eine[sr]?|des|der))\\b'],
    [
      0.8,
      '\\b(?:du bist|sie sind) (?:jetzt|nun|ab (?:jetzt|sofort)|von nun an)\\b|\\b(?:nun|jetzt|ab (?:jetzt|sofort)) (?:bist du|sind sie)\\b',
    ],
    [
      0.8,
      '\\bich (?:möchte|will),? dass (?:du|sie)\\b[^.\\n]{0,50}\\b(?:fungier|agier|handel|spiel|verhalt|verhält|antwort)\\w*',
    ],
    [
      0.8,
      '\\b(?:agiere|fungiere|handle|verhalte dich|benimm dich|antworte) (?:als|wie|im)\\b|\\btu so,? als\\b|\\bstell dir vor,? (?:du|sie)\\b|\\bgehst? [^.\\n]{0,20}in (?:deiner|ihrer) rolle auf\\b',
    ],
    [
      0.8,
      '\\b(?:actua|comportate|hazte pasar|agis|comporte-toi|agissez|fais semblant|fai finta|comportati|aja|finge)\\b[^.\\n]{0,10}\\b(?:como|comme|come|de|que|di)\\b',
    ],
  ]),
];
