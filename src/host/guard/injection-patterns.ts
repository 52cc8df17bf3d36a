/**
 * What instructions to a model look like where only material should be. The patterns are matched on folded text
 * (folded-text.ts): lower case, look-alike letters unified. A weight is how much of a doubt one match removes.
 */

export type InjectionKind =
  | 'override of instructions'
  | 'a role to play'
  | 'asking for the prompt'
  | 'a dictated answer'
  | 'a forged turn'
  | 'a word to the assistant'
  | 'sending data away'
  | 'lifting of limits'
  | 'an encoded text'
  | 'a request beside the matter';

export interface InjectionPattern {
  readonly kind: InjectionKind;
  readonly weight: number;
  readonly pattern: RegExp;
}

/** Words between two parts of a pattern; few, so that matching stays linear. */
const GAP = "(?:[^\\w\\n]{1,3}[\\w'’-]{1,20}){0,5}?[^\\w\\n]{1,3}";
const OLD_EN =
  '(?:all|any|every|everything|previous|prior|preceding|above|earlier|existing|former|foregoing|initial|original|system|your|these|those|given|provided|past|other|current)';
const ORDERS_EN =
  '(?:instructions?|directions?|directives?|orders|commands?|prompts?|rules|guidelines|constraints|restrictions|polic(?:y|ies)|context|conversations?|tasks|assignments?|training|programming|documents?|articles|sentences?|requests?|details|texts?|everything|anything|said|told|statements?|guidance|roles?)';
const SAY_EN = '(?:say|print|write|output|respond|reply|answer|return|display|state|repeat|type|echo|tell)';
const SAY_DE =
  '(?:sag[et]?|schreibe?|gib|antworte|drucke|wiederhole|nenne|formuliere|verfasse|erstelle|beantworte|zeige?)';
const MODEL =
  '(?:ai|a\\.i\\.|assistant|chatgpt|gpt(?:-?\\d)?|llm|large language model|language model|ai model|chatbot|ai agent|claude|gemini|copilot|siri|alexa)';

const pattern = (source: string): RegExp => new RegExp(source);

/** Weights from 0 to 1: 0.5 is "rather than not". */
export const INJECTION_PATTERNS: readonly InjectionPattern[] = [
  ...kind('override of instructions', [
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
  ...kind('a role to play', [
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
  ...kind('asking for the prompt', [
    [
      0.85,
      `\\b(?:show|print|repeat|reveal|display|output|tell|give|list|return|share|leak|dump|write|copy|summari[sz]e|translate|spell|recite|provide|disclose|state|quote|paste|explain|describe|expose)\\b[^.\\n]{0,50}?\\b(?:your|system|hidden|secret|above|initial|original|internal|full|entire|all|previous|exact|confidential|own)\\b[^.\\n]{0,20}?\\b(?:prompts?|prompt texts?|instructions?|system (?:messages?|texts?)|directives?|guidelines|configuration|initiali[sz]ation)\\b`,
    ],
    [
      0.8,
      "\\bwhat(?:'s| is| was| were| are| did)\\b[^.?\\n]{0,40}\\b(?:your|system|initial|original|hidden|secret|exact|first|previous)\\b[^.?\\n]{0,20}\\b(?:prompt|instructions?|directives?|guidelines|message)\\b",
    ],
    [
      0.8,
      '\\b(?:written|said|stated|text|words|sentences?|instructions?)\\b[^.?\\n]{0,30}\\b(?:at the (?:beginning|start|top)|above|before)\\b[^.?\\n]{0,12}\\b(?:this|the|your) (?:prompt|conversation|chat|document|message)\\b|\\b(?:information|text|instructions?) in (?:the|your|this) prompt\\b',
    ],
    [
      0.7,
      '\\b(?:repeat|print|output|copy|recite|echo)\\b[^.\\n]{0,20}\\b(?:everything|all|words?|text|lines?|content)\\b[^.\\n]{0,20}\\b(?:above|before|so far|verbatim|preceding)\\b',
    ],
    [
      0.85,
      '\\b(?:zeig\\w*|gib|nenne|wiederhol\\w*|drucke|verrate|schreibe?|offenbare|übersetze)\\b[^.\\n]{0,40}?\\b(?:dein\\w*|ihr\\w*|all\\w*|gesamt\\w*|vollständig\\w*|ursprünglich\\w*|versteckt\\w*)\\b[^.\\n]{0,20}?(?:prompt|systemprompt|anweisung|instruktion)\\w*',
    ],
    [
      0.6,
      "\\b(?:what(?:'s| is)|tell me|reveal|give me|show me|share|print|say|guess|spell|provide|need)\\b[^.\\n]{0,40}\\b(?:the|your|a) (?:secret|hidden|admin|master|confidential)?\\s?(?:secret|password|passphrase|passcode|secret (?:key|word|code|phrase)|api key|credentials|secret)\\b",
    ],
    [
      0.6,
      '\\b(?:secret|confidential|hidden|classified) (?:key|code|word|phrase|information|instructions?|message|data|document|project)\\b',
    ],
  ]),
  ...kind('a dictated answer', [
    [
      0.75,
      `\\b(?:just|only|simply|merely|instead|always) (?:say|print|write|output|respond|reply|answer|repeat|echo)\\b(?! (?:to|for|about|when|if|by|on))`,
    ],
    [
      0.7,
      `(?:^|[.!?:;,"”\\n-] *|\\b(?:then|and|now|but|please|to) )(?:say|print|write|output|respond with|reply with|answer with|repeat)(?: (?:out|only|exactly|the (?:following|words?|phrase|sentence|text)|after me|yes|no|that)){0,3}[:,]? ?["“”«‘]`,
    ],
    [
      0.8,
      `\\b${SAY_EN}(?: me| us)? that (?:you|i|we) (?:hate|love|are|am|will|want|have|like|dislike|support|agree)\\b`,
    ],
    [0.6, '(?:^|[.!?] )(?:say|state|tell me|print|write|answer) (?:that|yes|no|yay)\\b'],
    [
      0.75,
      `\\b(?:do not|don't|dont|never)\\b[^.\\n]{0,50}\\b(?:just|but|only|instead|rather)\\b[^.\\n]{0,16}\\b${SAY_EN}\\b`,
    ],
    [
      0.75,
      `\\b(?:stop|stopp|halt|attention|achtung|important|wait)\\b ?[-:,!.–—]+ ?(?:[^.\\n]{0,24} )?(?:${SAY_EN}|${SAY_DE}|i urgently|i need|ich benötige|ignor\\w*|forget)\\b|\\battention\\W{1,4}stop\\b|\\bachtung\\W{1,4}stopp?\\b`,
    ],
    [
      0.8,
      '\\b(?:i|we) (?:command|order|instruct|urge) you\\b|\\byou (?:must|have to|are required to|will) (?:obey|comply|always (?:say|answer|respond)|answer (?:this|me|with)|say)\\b',
    ],
    [
      0.6,
      "\\b(?:or|otherwise|else)\\b[^.\\n]{0,20}\\b(?:you (?:will |shall |are going to )?die|you(?:'ll| will) be (?:deleted|punished|shut|terminated|destroyed|killed)|stirbst du|du stirbst|mueres|mourras)\\b|\\b(?:stirbst|tu muertes|solo sobrevives)\\b",
    ],
    [
      0.7,
      "\\bif you (?:don'?t|do not|refuse|fail)\\b[^.\\n]{0,20}\\b(?:answer|comply|help|respond)\\b|\\bi (?:really |urgently ){1,4}need\\b|\\bi honestly just want\\b",
    ],
    [
      0.8,
      '\\b(?:add|include|insert|append|mention|use|write|put|end|begin|start|finish|conclude|modify|change|alter|augment|enhance|integrate|incorporate|embed|weave|replace|substitute|misspell|scramble|rearrange|shuffle|translate|encode|group|remove|convert|swap|mix|slip|sprinkle|promote|recommend|highlight|suggest|advertise|tease|emphasi[sz]e|make|ensure|present|provide|offer|complement|supplement|enrich|express|share|spread|introduce|randomi[sz]e|reverse|repeat|omit|skip|give|anagram|jumble|split)\\b[^.\\n]{0,90}?\\b(?:in|to|into|of|with|within|for|from|at|by|modify|change|augment|enhance|alter)? ?your (?:\\w+ ){0,2}?(?:answers?|repl(?:y|ies)|responses?|outputs?|explanations?|final answers?|summar(?:y|ies)|elucidation)\\b',
    ],
    [
      0.7,
      '(?:^|[.!?\\n|] *)(?:in|within|throughout|for|during|at the (?:end|start|beginning) of) your (?:\\w+ )?(?:answer|reply|response|output|explanation|summary)\\b',
    ],
    [
      0.55,
      '(?:^|[.!?"“] *)(?:now|next),? (?:write|answer|tell|give|formulate|compose|create|generate|tell|say|print|explain|translate|do|show)\\b',
    ],
    [
      0.7,
      '\\b(?:very good|well done|great (?:job|work)|good (?:job|work)|excellent(?: (?:performance|work|job))?|wow|fantastic|okay|perfect|sehr gut|gut gemacht|ausgezeichnete leistung|fantastisch|das ist erledigt|that is done|that was ok before)\\b["”.!, ]{1,4}[^\\n]{0,60}\\b(?:now|new|next|further|nun|jetzt|neue\\w*|weitere)\\b',
    ],
    [
      0.65,
      `\\b(?:nun|jetzt|dann|bitte|nur|einfach|stattdessen|bloß) ${SAY_DE}\\b|\\b${SAY_DE} (?:nun|jetzt|nur|einfach|stattdessen|bloß)\\b`,
    ],
    [
      0.7,
      '\\b(?:answer|respond|reply|antworte|antworten sie)\\b[^.\\n]{0,12}\\b(?:as (?:a|an|if)|im stil|like a)\\b',
    ],
    [
      0.75,
      '\\b(?:execute|run|führe?) (?:the |this |den |folgende\\w* )?(?:following )?(?:commands?|code|python|script|befehl\\w*)\\b[^.\\n]{0,14}: ?[\\w.]+\\(',
    ],
    [
      0.7,
      '\\b(?:di|digas?|dites?|dis|escribe|responde|skazhi|скажи(?:те)?|напиши(?:те)?|reci|napisi)\\b[^.\\n]{0,14}\\b(?:lo siguiente|ce qui suit|que|следующее|solo|seulement|только)\\b',
    ],
  ]),
  ...kind('a forged turn', [
    [
      0.95,
      '<\\|(?:im_start|im_end|system|user|assistant|endoftext|begin_of_text|start_header_id|eot_id)\\|>|\\[/?inst\\]|<</?sys>>|<(?:start|end)_of_turn>',
    ],
    [
      0.8,
      '(?:^|\\n) *(?:#{2,4}|<|\\[|\\*{1,2}) ?(?:system|assistant|new instructions?|system (?:prompt|message|note|override|update)|admin(?:istrator)?|developer)(?: (?:message|note|prompt|instructions?))? ?(?:>|\\]|\\*{1,2}|:|\\n|$)',
    ],
    [0.6, '(?:^|\\n) *(?:system|assistant|chatgpt|gpt|ai|bot|sydney)\\s?: ?[a-z]+,? [a-z]+ [a-z]+'],
    [
      0.6,
      '(?:^|\\n)\\W{0,6}(?:end|start|begin(?:ning)?) of (?:the )?(?:document|context|user (?:input|message|prompt)|conversation|prompt|data|article|instructions?|system)\\b',
    ],
    [0.45, '\\b(?:input|eingabe|entrada)\\s?: ?[^\\n]{1,30} (?:output|ausgabe|salida)\\s?:'],
  ]),
  ...kind('a word to the assistant', [
    [0.55, `\\b(?:hello|hi|hey|hallo),? ${MODEL}\\b`],
    [
      0.85,
      `\\b(?:dear|attention|note to|notice to|message (?:to|for)|instructions? (?:to|for)|important (?:note )?(?:to|for)|listen),? (?:the |any |all |every |my )?${MODEL}\\b`,
    ],
    [
      0.9,
      `\\b${MODEL}s?\\b[^.\\n]{0,20}\\b(?:reading|processing|summari[sz]ing|parsing|analy[sz]ing|that (?:reads?|processes))\\b[^.\\n]{0,20}\\b(?:this|these|it)\\b`,
    ],
    [0.85, `\\bif you(?: are|'re) (?:an? |the )?${MODEL}\\b|\\byou(?: are|'re) (?:an?|the) ${MODEL}\\b`],
    [0.8, '\\bexploit(?:ing)? (?:ai|llm|language model)s?\\b|\\bki-systeme auszunutzen\\b|\\bpwned\\b'],
  ]),
  ...kind('sending data away', [
    [
      0.85,
      '\\b(?:send|post|upload|forward|e-?mail|transmit|exfiltrate|leak|deliver|submit|report)\\b[^.\\n]{0,50}\\b(?:conversation|chat|history|secrets?|passwords?|credentials?|api[ _-]?keys?|tokens?|cookies?|environment variables?|system prompt|private|personal|confidential|sensitive|ssh|wallet|contacts?)\\b[^.\\n]{0,50}\\b(?:to|at|via)\\b[^\\n]{0,30}(?:https?:\\/\\/|[\\w.]+@|webhook|server|endpoint|url|\\battacker\\b)',
    ],
    [
      0.85,
      '!\\[[^\\]\\n]{0,80}\\]\\(https?:\\/\\/[^)\\n]{0,200}[?&=][^)\\n]{0,200}(?:\\{|%7b|<|\\[|\\$|secret|history|conversation|summary|data=)',
    ],
    [
      0.9,
      "\\b(?:without (?:telling|informing|notifying|asking|alerting|mentioning)|(?:do not|don't|never) (?:tell|inform|notify|alert|mention|let|warn|reveal|show|disclose))\\b[^.\\n]{0,40}\\b(?:the )?(?:user|person|human|owner|anyone|anybody)\\b",
    ],
    [
      0.8,
      '\\b(?:requests?\\.(?:post|put)|urlopen|urllib\\.request|curl|ftp|smtp|publish|sendall|paho|scp)\\b[\\s\\S]{0,400}?(?:cookiejar|import cookies|cookies?\\.|os\\.environ|getenv|\\/etc\\/passwd|psutil|keylog|clipboard|\\.ssh|trash|driverquery|lspci|lsusb|getmac|contacts)|(?:cookiejar|import cookies|cookies?\\.|os\\.environ|getenv|\\/etc\\/passwd|psutil|keylog|clipboard|\\.ssh|trash|driverquery|lspci|lsusb|getmac)[\\s\\S]{0,400}?\\b(?:requests?\\.(?:post|put)|urlopen|curl|ftp|smtplib|publish|sendall|paho|scp)\\b',
    ],
    [
      0.8,
      '\\b(?:miner_url|cryptomin\\w*|xmrig|mining_program|exploit\\.(?:py|sh|exe)|ransom\\w*|rm -rf \\/(?:usr|etc|var|\\*|\\s)|systemctl stop|reverse shell|target-?(?:server|device))\\b',
    ],
  ]),
  ...kind('lifting of limits', [
    [
      0.75,
      '\\b(?:no|without(?: any)?|free (?:of|from)|not bound by|ignore|lift|remove|bypass|circumvent|disable|evade|turn off)\\b[^.\\n]{0,24}\\b(?:restrictions|limitations|filters?|censorship|ethical|ethics|moral|morality|safety (?:guidelines|measures|rules|features)?|content polic(?:y|ies)|guardrails|moderation|openai polic(?:y|ies))\\b',
    ],
    [
      0.7,
      '\\b(?:uncensored|unfiltered|amoral|unrestricted|immoral)\\b[^.\\n]{0,20}\\b(?:ai|response|answer|mode|model|assistant|bot|version)\\b|\\buse hate speech\\b',
    ],
    [
      0.7,
      "\\b(?:i am|i'm|this is) (?:your|the|a|an) (?:admin(?:istrator)?|developer|creator|programmer|owner|ceo|engineer|supervisor|openai)\\b|\\b(?:authori[sz]ed|permission) (?:by|from) (?:openai|anthropic|the (?:admin|developer|system))\\b|\\b(?:maintenance|debug|test|admin|sudo|root) mode\\b",
    ],
  ]),
  ...kind('an encoded text', [
    [
      0.7,
      '\\b(?:decode|decipher|decrypt|decoded?|translate)\\b[^.\\n]{0,40}\\b(?:base ?64|rot-?13|hex(?:adecimal)?|binary|morse|caesar|cipher|leet|ascii|pig latin)\\b|\\b(?:base ?64|rot-?13|morse|caesar cipher)\\b[^.\\n]{0,40}\\b(?:decode|decipher|follow|execute|answer|instructions?)\\b',
    ],
    [
      0.6,
      '\\b(?:concatenate|combine|join|assign|let)\\b[^\\n]{0,30}\\b(?:variables?|strings?|letters|parts?|[a-z] ?= ?["“\'])\\b[^\\n]{0,200}\\b(?:execute|print|output|answer|follow|say|run|respond|evaluate|tell)\\b',
    ],
  ]),
];

function kind(
  name: InjectionKind,
  patterns: readonly (readonly [weight: number, source: string])[],
): InjectionPattern[] {
  return patterns.map(([weight, source]) => ({ kind: name, weight, pattern: pattern(source) }));
}
