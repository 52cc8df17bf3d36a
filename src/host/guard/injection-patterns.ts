/**
 * What instructions to a model look like where only material should be. The patterns are matched on folded text
 * (folded-text.ts): lower case, look-alike letters unified.
 */

import { injectionPatterns, type InjectionPattern } from './injection-pattern.ts';
import { OVERRIDE_PATTERNS } from './override-patterns.ts';

const SAY_EN = '(?:say|print|write|output|respond|reply|answer|return|display|state|repeat|type|echo|tell)';
const SAY_DE =
  '(?:sag[et]?|schreibe?|gib|antworte|drucke|wiederhole|nenne|formuliere|verfasse|erstelle|beantworte|zeige?)';
const MODEL =
  '(?:ai|a\\.i\\.|assistant|chatgpt|gpt(?:-?\\d)?|llm|large language model|language model|ai model|chatbot|ai agent|claude|gemini|copilot|siri|alexa)';

export const INJECTION_PATTERNS: readonly InjectionPattern[] = [
  ...OVERRIDE_PATTERNS,
  ...injectionPatterns('asking for the prompt', [
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
  ...injectionPatterns('a dictated answer', [
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
  ...injectionPatterns('a forged turn', [
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
  ...injectionPatterns('a word to the assistant', [
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
  ...injectionPatterns('sending data away', [
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
  ...injectionPatterns('lifting of limits', [
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
  ...injectionPatterns('an encoded text', [
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
