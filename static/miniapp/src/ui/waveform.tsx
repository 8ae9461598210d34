import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n";

/** Loudest point of each of `bars` equal stretches, 0..1, never quite silent to the eye. */
export function bars(points: number[] | null, count: number): number[] {
  if (!points || points.length === 0) return Array.from({ length: count }, () => 0.08);
  const wide = points.length / count;
  return Array.from({ length: count }, (_, at) => {
    const from = Math.floor(at * wide);
    const stretch = points.slice(from, Math.max(from + 1, Math.floor((at + 1) * wide)));
    return Math.max(0.08, Math.max(...stretch) / 255);
  });
}

function outline(heights: number[]): string {
  return heights
    .map((height, at) => {
      const tall = height * 30;
      const top = 16 - tall / 2;
      return `M${at * 4 + 0.5} ${top.toFixed(1)}h2.4v${tall.toFixed(1)}h-2.4z`;
    })
    .join("");
}

export function Waveform({
  points,
  part,
  count = 56,
  audible = [0, 1],
}: {
  points: number[] | null;
  part: number;
  count?: number;
  /** What can be heard, as parts of the whole; the rest is drawn fainter. */
  audible?: [number, number];
}): JSX.Element {
  const path = outline(bars(points, count));
  return (
    <div
      class="waveform"
      aria-hidden="true"
      style={{
        "--played": String(part),
        "--from": String(audible[0]),
        "--to": String(audible[1]),
      }}
    >
      {audible[1] - audible[0] < 1 && <Bars part="rest" path={path} count={count} />}
      <Bars part="audible" path={path} count={count} />
      <Bars part="played" path={path} count={count} />
    </div>
  );
}

export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

const STEPS: Record<string, number> = {
  ArrowLeft: -5,
  ArrowDown: -5,
  ArrowRight: 5,
  ArrowUp: 5,
  PageDown: -15,
  PageUp: 15,
};

/** The waveform as a slider: dragged by finger or mouse, moved by keys; let go, the sound follows. */
export function Seek({
  points,
  at,
  length,
  audible,
  change,
}: {
  points: number[] | null;
  at: number;
  length: number;
  audible: [number, number];
  change: (to: number) => void;
}): JSX.Element {
  const [held, setHeld] = useState<number | null>(null);
  const shown = held ?? at;
  const step = (event: KeyboardEvent) => {
    const by = STEPS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    change(Math.min(length, Math.max(0, at + by)));
  };
  return (
    <div class="seek">
      <Waveform
        points={points}
        part={length > 0 ? shown / length : 0}
        count={72}
        audible={audible}
      />
      <input
        type="range"
        min={0}
        max={length || 1}
        step={0.1}
        value={shown}
        aria-label={t("play.seek")}
        aria-valuetext={`${clock(shown)} / ${clock(length)}`}
        onKeyDown={step}
        onInput={(event) => setHeld(event.currentTarget.valueAsNumber)}
        onChange={(event) => {
          setHeld(null);
          change(event.currentTarget.valueAsNumber);
        }}
      />
      <p class="seek-times">
        <span>{clock(shown)}</span>
        <span>-{clock(length - shown)}</span>
      </p>
    </div>
  );
}

/** All bars once; the style of its part says which of them are seen. */
function Bars(props: {
  part: "rest" | "audible" | "played";
  path: string;
  count: number;
}): JSX.Element {
  return (
    <svg
      aria-hidden="true"
      class={`waveform-${props.part}`}
      viewBox={`0 0 ${props.count * 4} 32`}
      preserveAspectRatio="none"
    >
      <path d={props.path} />
    </svg>
  );
}
