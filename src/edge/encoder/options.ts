/** What the segmenter looks at: the words of a passage, or what a sentence encoder makes of it. */

export const FEATURE_KINDS = ['lexical', 'encoder'] as const;

export interface FeatureOptions {
  readonly features: (typeof FEATURE_KINDS)[number];
  /** Folder or hub id of the sentence encoder; empty where `features` is not `encoder`. */
  readonly encoder: string;
}

export const FEATURE_DEFAULTS: FeatureOptions = { features: 'lexical', encoder: '' };
