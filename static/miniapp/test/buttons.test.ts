import { afterEach, expect, test, vi } from "vitest";
import { enable } from "../src/portal/buttons";

/** A part of a page as the server gives it. */
function part(): HTMLElement {
  const made = document.createElement("section");
  made.innerHTML =
    "<button data-copy='link' disabled></button>" +
    "<button data-connect-wallet disabled aria-busy='true'></button>" +
    "<button data-share='link' hidden disabled></button>" +
    "<button name='other' disabled></button>";
  return made;
}

const state = (made: HTMLElement) =>
  [...made.querySelectorAll("button")].map((each) => [each.disabled, each.hidden]);

afterEach(() => {
  vi.unstubAllGlobals();
});

test("what has a script can be pressed, unless it is at work or nobody's", () => {
  vi.stubGlobal("navigator", {});
  const made = part();
  enable(made);
  expect(state(made)).toEqual([
    [false, false],
    [true, false],
    [false, true],
    [true, false],
  ]);
});

test("a part that comes later can be shared too", () => {
  vi.stubGlobal("navigator", { share: () => undefined });
  const made = part();
  enable(made);
  expect(state(made)[2]).toEqual([false, false]);
});
