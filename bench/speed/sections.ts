/** A Markdown file of sections that are renewed one by one. */

/**
 * Puts `body` in place of the section of that heading, or adds it, in the order of `headings`; sections under
 * other headings than these are left out.
 * @param intro what stands before the first section
 * @param body its lines, without the heading
 */
export function withSection(
  markdown: string,
  intro: string,
  headings: readonly string[],
  heading: string,
  body: string,
): string {
  const sections = new Map(
    markdown
      .split(/^## /m)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        return end < 0 ? [part.trim(), ''] : [part.slice(0, end).trim(), part.slice(end).trim()];
      }),
  );
  sections.set(heading, body.trim());
  const kept = headings.filter((name) => sections.has(name));
  return `${[intro.trim(), ...kept.map((name) => `## ${name}\n\n${sections.get(name)}`)].join('\n\n')}\n`;
}
