/** Telephone numbers: those of a numbering plan, and those that words beside them announce. */
import { findPhoneNumbersInText } from 'libphonenumber-js/max';

import { matches, type PiiFinder } from './span.ts';

/** A number without a country's prefix is tried as one of the United States. */
const inPlan: PiiFinder = (text) =>
  findPhoneNumbersInText(text, { defaultCountry: 'US' }).map(({ startsAt, endsAt }) => ({
    entity: 'phone',
    start: startsAt,
    end: endsAt,
  }));

const announced: PiiFinder = matches(
  'phone',
  /\b(?:phone|telephone|tel|call(?:ed|ing)?|number|mobile|cell|fax|ring|dial|reach(?:ed)?|contact|text|whatsapp|telefon|handy)\b[^\n\d+(]{0,30}(?<value>(?:\+|\(|\d)[\d()./ -]{4,20}\d(?:x\d{1,6})?)(?![\w-])/gi,
  (value) => isNumberOfDigits(value) && !/^\d{4}-\d{2}-\d{2}|^\d{3}-\d{2}-\d{4}$/.test(value),
);

/** Grouped as telephone numbers are, with a plus, a zero or brackets in front. */
const grouped: PiiFinder = matches(
  'phone',
  /(?<![\w.,/-])(?:\+\d{1,3}[ .-]?(?:\(\d{1,4}\)[ .-]?)?\d{1,4}(?:[ .-]\d{2,4}){1,5}|\(?0\d{1,4}\)?(?:[ .-]\d{2,8}){1,5}|\(\d{2,4}\)[ .-]?\d{3,4}(?:[ .-]\d{2,5}){1,3}|(?:001-)?\d{3}[.-]\d{3}[.-]\d{4}|\(\d{3}\)\d{3}-\d{4}|\d{2,3}(?: \d{2,3}){2,3})(?:x\d{1,6})?(?![\w-]|\.\d)/g,
  isNumberOfDigits,
);

export const phones: PiiFinder = (text) => [...inPlan(text), ...announced(text), ...grouped(text)];

function isNumberOfDigits(value: string): boolean {
  const digits = value.replace(/x\d+$/, '').replaceAll(/\D/g, '').length;
  return digits >= 7 && digits <= 15;
}
