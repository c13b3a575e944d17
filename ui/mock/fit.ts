import { told } from './told';

/** Less than this is the engine's rounding, in pixels. */
const ROUNDING = 1;

/** What a person reads or uses that is no text. */
const THINGS = 'button, input, select, textarea, summary, a, svg, img';

/** A place on the page that something takes up, and what it is. */
interface Piece {
  element: Element;
  box: DOMRect;
  /** The text that it is a line of. */
  text: Text | null;
}

/** What cannot be seen whole or cannot be reached by scrolling down, each in words that name the element. */
export function cutOff(): string[] {
  scrollTo(0, 0);
  const seen = pieces();
  const found = new Set([
    ...sideways(seen),
    ...seen.map(beyondWindow),
    ...seen.map(beyondAncestor),
    ...seen.map(beyondBox),
    ...hints(),
    ...overlaps(seen),
    ...unreachable(seen),
  ]);
  return [...found].filter((it) => it !== null);
}

const styleOf = (element: Element): CSSStyleDeclaration => getComputedStyle(element);

const isShown = (element: Element): boolean =>
  element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && element.closest('.hidden-visually') === null;

function pieces(): Piece[] {
  const made: Piece[] = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const text = node as Text;
    const element = text.parentElement;
    if (element === null || text.data.trim() === '' || !isShown(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) if (box.width > 0) made.push({ element, box, text });
  }
  for (const element of document.body.querySelectorAll(THINGS)) {
    if (isShown(element)) made.push({ element, box: element.getBoundingClientRect(), text: null });
  }
  return made;
}

/** Nobody should have to scroll sideways. */
function sideways(seen: Piece[]): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const [widest] = seen.toSorted((one, other) => other.box.right - one.box.right);
  const what = widest === undefined ? 'the page' : told(widest.element);
  return [`${what}: the page can be scrolled sideways by ${scrollWidth - clientWidth} px`];
}

function beyondWindow({ element, box }: Piece): string | null {
  const over = Math.max(-box.left, box.right - document.documentElement.clientWidth);
  return over > ROUNDING ? `${told(element)}: ${Math.ceil(over)} px outside the window` : null;
}

/** An ancestor that shows only a part of what it holds; what can be scrolled down to is no part that is lost. */
function beyondAncestor({ element, box, text }: Piece): string | null {
  let ancestor = text === null ? element.parentElement : element;
  for (; ancestor !== null && ancestor !== document.body; ancestor = ancestor.parentElement) {
    const { overflowX, overflowY } = styleOf(ancestor);
    if (overflowX === 'visible' && overflowY === 'visible') continue;
    const frame = ancestor.getBoundingClientRect();
    const across = overflowX === 'visible' ? 0 : Math.max(frame.left - box.left, box.right - frame.right);
    const down = ['hidden', 'clip'].includes(overflowY) ? Math.max(frame.top - box.top, box.bottom - frame.bottom) : 0;
    const over = Math.max(across, down);
    if (over > ROUNDING) return `${told(element)}: ${Math.ceil(over)} px cut off by ${told(ancestor)}`;
    // What is scrolled out of sight here is out of sight for whatever is further out as well.
    if (overflowY === 'auto' || overflowY === 'scroll') return null;
  }
  return null;
}

/** A text that sticks out of the button, the line or the column that it belongs to. */
function beyondBox({ element, box, text }: Piece): string | null {
  if (text === null) return null;
  // A font may be higher than its line.
  const spare = Number.parseFloat(styleOf(element).fontSize) * 0.35;
  for (let block: Element | null = element; block !== null && block !== document.body; block = block.parentElement) {
    const { display, position, overflowY } = styleOf(block);
    if (display === 'inline' || display === 'contents') continue;
    const frame = block.getBoundingClientRect();
    const across = Math.max(frame.left - box.left, box.right - frame.right);
    const down = Math.max(frame.top - box.top, box.bottom - frame.bottom) - spare;
    const scrolls = overflowY === 'auto' || overflowY === 'scroll';
    const over = scrolls ? across : Math.max(across, down);
    if (over > ROUNDING) return `${told(element)}: ${Math.ceil(over)} px wider or higher than ${told(block)}`;
    if (scrolls || position === 'absolute' || position === 'fixed') return null;
  }
  return null;
}

/** What stands in a field before anything is typed. */
function hints(): string[] {
  const pen = document.createElement('canvas').getContext('2d');
  return [...document.querySelectorAll<HTMLInputElement>('input[placeholder]')].flatMap((input) => {
    if (pen === null || input.value !== '' || !isShown(input)) return [];
    const { font, paddingLeft, paddingRight } = styleOf(input);
    pen.font = font;
    const room = input.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
    const over = pen.measureText(input.placeholder).width - room;
    return over > ROUNDING ? [`${told(input)}: “${input.placeholder}” is ${Math.ceil(over)} px too long`] : [];
  });
}

/** Two texts in one place. */
function overlaps(seen: Piece[]): string[] {
  const lines = seen.filter(({ element, box, text }) => text !== null && !isScrolledAway(element, box));
  return lines.flatMap((one, index) =>
    lines.slice(index + 1).flatMap((other) => {
      if (one.text === other.text) return [];
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      // The boxes of lines that follow each other may touch; letters do not.
      const allowed = Math.min(one.box.height, other.box.height) * 0.4;
      return across > ROUNDING && down > allowed ? [`${told(one.element)}: under ${told(other.element)}`] : [];
    }),
  );
}

/** The page's end is where scrolling ends, and nothing is above its beginning. */
function unreachable(seen: Piece[]): string[] {
  const inPage = seen.filter(({ element }) => scrollerOf(element) === null);
  const above = inPage.filter(({ box }) => box.top < -ROUNDING);
  const { scrollHeight, clientHeight } = document.documentElement;
  const fixed = [document.documentElement, document.body].some((it) => ['hidden', 'clip'].includes(styleOf(it).overflowY));
  const lowest = fixed ? clientHeight : scrollHeight;
  return [
    ...above.map(({ element }) => `${told(element)}: above the beginning of the page`),
    ...inPage
      .filter(({ box }) => box.bottom > lowest + ROUNDING)
      .map(({ element, box }) => `${told(element)}: ${Math.ceil(box.bottom - lowest)} px below where scrolling ends`),
  ];
}

function scrollerOf(element: Element): Element | null {
  for (let ancestor = element.parentElement; ancestor !== null && ancestor !== document.body; ancestor = ancestor.parentElement) {
    if (['auto', 'scroll'].includes(styleOf(ancestor).overflowY)) return ancestor;
  }
  return null;
}

function isScrolledAway(element: Element, box: DOMRect): boolean {
  const frame = scrollerOf(element)?.getBoundingClientRect();
  return frame !== undefined && (box.bottom > frame.bottom || box.top < frame.top);
}
