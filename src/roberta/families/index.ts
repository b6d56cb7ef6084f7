/** The families of encoders that can be a base. */
import { BERT } from './bert.ts';
import { DISTILBERT } from './distilbert.ts';
import type { Family, FamilyName } from './family.ts';
import { ROBERTA, XLM_ROBERTA } from './roberta.ts';

export {
  DECODER_BIAS,
  type Family,
  type FamilyName,
  HEAD_BIAS,
  possibleNames,
  publishedName,
  type Size,
} from './family.ts';

export const FAMILIES: Readonly<Record<FamilyName, Family>> = {
  roberta: ROBERTA,
  'xlm-roberta': XLM_ROBERTA,
  bert: BERT,
  distilbert: DISTILBERT,
};

export function isFamilyName(name: unknown): name is FamilyName {
  return typeof name === 'string' && Object.hasOwn(FAMILIES, name);
}
