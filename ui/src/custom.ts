/** Names under which pool owners' triggers are used to put what the user is to read. */
const PROMPTS = ['prompt', 'question', 'message', 'challenge', 'hint', 'text', 'label'];

/** The pool owner's public parameters, as they are shown: a prompt, and what else there is. */
export interface Prompt {
  prompt: string | null;
  rest: [name: string, value: string][];
}

export function promptOf(parameters: Record<string, string>): Prompt {
  const all = Object.entries(parameters).filter(([, value]) => value.trim() !== '');
  const named = PROMPTS.map((wanted) => all.find(([name]) => name.toLowerCase() === wanted)).find((it) => it !== undefined);
  const chosen = named ?? (all.length === 1 ? all[0] : undefined);
  return { prompt: chosen?.[1] ?? null, rest: all.filter((it) => it !== chosen) };
}
