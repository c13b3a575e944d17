/** How far the deleting of the account has been thought over. It outlasts the proof that it is the user. */
export class Deletion {
  open = $state(false);
  /** The name, as typed. */
  typed = $state('');
}
