/** Personal data that is told by its form and a check digit, or by the words beside it. */
import { isIP } from 'node:net';

import { anyOf, matches, type PiiFinder } from './span.ts';

export const creditCards: PiiFinder = matches(
  'credit-card',
  /(?<![\d.,-])\d(?:[ -]?\d){11,18}(?![\d]|[.,-]\d)/g,
  (value) => {
    const digits = value.replaceAll(/\D/g, '');
    return /^(?:4|5[1-5]|2[2-7]|3[04-9]|6|1800|2131|50|5[6-9])/.test(digits) && hasLuhnDigit(digits);
  },
);

export const ibans: PiiFinder = matches(
  'iban',
  /(?<![A-Za-z\d])[A-Za-z]{2}\d{2}(?: ?[A-Za-z\d]{4}){2,7}(?: ?[A-Za-z\d]{1,3})?(?![A-Za-z\d])/g,
  (value) => hasIbanCheck(value.replaceAll(' ', '').toUpperCase()),
);

export const ipAddresses: PiiFinder = matches(
  'ip-address',
  /(?<![\w.:])(?:(?:\d{1,3}\.){3}\d{1,3}|(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4})(?![\w:]|\.\d)/gi,
  (value) => isIP(value) !== 0 && !/^(?:0\.0\.0\.0|127\.|255\.|::1?$)/.test(value),
);

/** Not those that were never given out (ssa.gov: 000, 666, 9xx; group 00; serial 0000) but for the widely used 9xx of tax numbers. */
export const socialSecurityNumbers: PiiFinder = matches(
  'us-ssn',
  /(?<![\d-])(?!000|666)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])/g,
);

export const driverLicenses: PiiFinder = matches(
  'us-driver-license',
  /\b(?:driver'?s?'? ?licen[cs]e|driving licen[cs]e|licen[cs]e number|DL)\b[^\n\d]{0,30}?(?<value>[A-Z]{0,2}\d[\dA-Z-]{4,16})\b/gi,
);

export const emails: PiiFinder = matches(
  'email',
  /(?<![\w.+-])[\w.+-]{1,64}@(?:[\p{L}\d](?:[\p{L}\d-]{0,61}[\p{L}\d])?\.){1,6}[\p{L}]{2,24}(?![\w-])/gu,
);

export const urls: PiiFinder = matches(
  'url',
  /\b(?:https?:\/\/|www\.)[^\s<>"'()[\]{}]{1,400}[^\s<>"'()[\]{}.,;:!?]/gi,
);

export const ages: PiiFinder = (() => {
  const isAge = (value: string): boolean => Number(value) > 0 && Number(value) < 120;
  return anyOf(
    matches(
      'age',
      /(?<![\d.,-])(?<value>\d{1,3})(?=[ -]?(?:y\/o|yo|(?:years?|yrs?)[ -](?:old|of age))\b)/gi,
      isAge,
    ),
    matches(
      'age',
      /\b(?:aged?|turned|turning|turns|when (?:I|s?he|they) (?:was|were)|at (?:the )?age(?: of)?|I(?:'m| am)) (?<value>\d{1,3})(?=[.,;!?]? *$|[.,;!?] |\n| (?:and|when|years|last|this|next)\b)/gim,
      isAge,
    ),
  );
})();

export const dates: PiiFinder = (() => {
  const month =
    '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';
  const forms = [
    '\\d{4}-\\d{2}-\\d{2}(?:[T ]\\d{2}:\\d{2}(?::\\d{2})?(?:\\.\\d+)?Z?)?',
    '\\d{1,2}[/.]\\d{1,2}[/.](?:\\d{4}|\\d{2})',
    `\\d{1,2}(?:st|nd|rd|th)?(?: of)? ${month}(?:,? \\d{4})?`,
    `${month} \\d{1,2}(?:st|nd|rd|th)?(?:,? \\d{4})?`,
    `${month},? \\d{4}`,
    '(?:mon|tues|wednes|thurs|fri|satur|sun)day',
    '(?:19|20)\\d{2}',
  ];
  return matches('date', new RegExp(`(?<![\\w/.-])(?:${forms.join('|')})(?![\\w/-]|\\.\\d)`, 'gi'));
})();

/** Behind a state, or where the words say so. */
export const zipCodes: PiiFinder = anyOf(
  matches(
    'zip-code',
    /\b(?:zip(?: ?code)?|post(?:al)? ?code|plz)\b[^\n\d]{0,16}?(?<value>\d{4,5}(?:-\d{3,4})?(?: [A-Z]{2}\b)?)(?!\d)/gi,
  ),
  matches('zip-code', /,? [A-Z]{2} (?<value>\d{5}(?:-\d{4})?)(?!\d)/g),
);

function hasLuhnDigit(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const weighed = index % 2 === 1 ? digit * 2 : digit;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0 && !/^(\d)\1+$/.test(digits);
}

/** ISO 13616: moved and spelled as a number, it leaves 1 when divided by 97. */
function hasIbanCheck(iban: string): boolean {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    rest = Number(`${rest}${Number.parseInt(character, 36)}`) % 97;
  }
  return rest === 1;
}
