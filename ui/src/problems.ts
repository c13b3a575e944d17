import type { SettingProblem } from './bindings/SettingProblem';
import type { Messages } from './messages';

/** What is wrong with a setting, named by its environment variable, and what mends it. */
export function problemWords(m: Messages, problem: SettingProblem, setting: string): { what: string; fix: string } {
  // The table has, for each kind, a function of that kind's problem; TypeScript cannot follow the pair.
  const tell = m.misconfigured.problems[problem.kind] as (
    problem: SettingProblem,
    setting: string,
  ) => { what: string; fix: string };
  return tell(problem, setting);
}
