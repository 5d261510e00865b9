"use strict";
// How does a person drive the time? Buttons, the bar and the keys set one clock, which is drawn.
const ReplayPlayer = (() => {
  const STEP_US = 500000;
  const FINE_US = 20000;

  const open = (box, { endUs, onsets, sound, draw }) => {
    const play = box.querySelector("[data-play]");
    const bar = box.querySelector("[data-time]");
    const reading = box.querySelector("[data-clock]");
    const speeds = box.querySelector("[data-speed]");
    let end = endUs;
    let clock = { from_us: 0, since_ms: 0, speed: 1, end_us: endUs, running: false };

    const show = (timeUs) => {
      const text = `${ReplayTime.seconds(timeUs)} s of ${ReplayTime.seconds(end)} s`;
      bar.value = timeUs;
      if (reading.textContent !== text) {
        bar.setAttribute("aria-valuetext", text);
        reading.textContent = text;
      }
      draw(timeUs);
    };

    const halt = (at) => {
      clock = ReplayTime.setTo(clock, at, performance.now(), { running: false });
      play.textContent = "Play";
      sound.halt();
      show(clock.from_us);
    };

    const frame = () => {
      if (!clock.running) return;
      const heard = sound.follow(ReplayTime.reads(clock, performance.now()), clock.speed);
      if (heard !== null) clock = ReplayTime.setTo(clock, heard, performance.now());
      const timeUs = ReplayTime.reads(clock, performance.now());
      show(timeUs);
      if (timeUs >= end) halt(end);
      else requestAnimationFrame(frame);
    };

    const start = () => {
      const from = clock.from_us >= end ? 0 : clock.from_us;
      clock = ReplayTime.setTo(clock, from, performance.now(), { running: true });
      play.textContent = "Pause";
      requestAnimationFrame(frame);
    };

    const now = () => ReplayTime.reads(clock, performance.now());
    const toggle = () => (clock.running ? halt(now()) : start());
    const seek = (timeUs) => {
      clock = ReplayTime.setTo(clock, timeUs, performance.now());
      sound.halt();
      show(clock.from_us);
    };
    const endAt = (timeUs) => {
      end = timeUs;
      bar.max = timeUs;
      clock = ReplayTime.setTo(clock, now(), performance.now(), { end_us: timeUs });
    };
    const run = (speed) => {
      clock = ReplayTime.setTo(clock, now(), performance.now(), { speed });
      speeds.value = String(speed);
    };
    const toNeighbour = (step) => {
      const at = ReplayTime.neighbour(onsets, now(), step);
      if (at !== null) seek(at);
    };

    const keys = {
      " ": toggle,
      Home: () => seek(0),
      End: () => seek(end),
      ArrowLeft: (event) => seek(now() - (event.shiftKey ? FINE_US : STEP_US)),
      ArrowRight: (event) => seek(now() + (event.shiftKey ? FINE_US : STEP_US)),
      ArrowUp: () => toNeighbour(-1),
      ArrowDown: () => toNeighbour(1),
      "+": () => run(ReplayTime.nextSpeed(clock.speed, 1)),
      "-": () => run(ReplayTime.nextSpeed(clock.speed, -1)),
    };
    const actionOf = (key) => {
      if (/^[0-9]$/.test(key)) return () => seek((Number(key) / 10) * end);
      return keys[key];
    };

    // Keys work where the replay or nothing has the focus; what a control does with one goes first.
    const press = (event) => {
      const target = event.target;
      const ours = target === document.body || box.contains(target);
      if (!ours || event.ctrlKey || event.altKey || event.metaKey) return;
      if (target.matches("select, input:not([data-time])")) return;
      if (event.key === " " && target.matches("button, summary, input[type=checkbox]")) return;
      const action = actionOf(event.key);
      if (action === undefined) return;
      event.preventDefault();
      action(event);
    };

    play.addEventListener("click", toggle);
    bar.addEventListener("input", () => seek(Number(bar.value)));
    speeds.addEventListener("change", () => run(Number(speeds.value)));
    document.addEventListener("keydown", press);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden && clock.running) halt(now());
    });
    return { endAt, now, redraw: () => show(now()), seek };
  };

  return Object.freeze({ open });
})();
