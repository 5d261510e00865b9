"use strict";
// What is heard at a moment? While a stretch of sound plays, it leads and the clock follows, so that
// the words light with the voice; between stretches, and without sound, the clock leads.
const ReplaySound = (() => {
  // The place in a stretch's file, in seconds, of a moment of the reading; and back. Frame n was
  // heard at onset_us + n / rate_hz: the file is played at its nominal rate.
  const placeIn = (part, timeUs) =>
    ((timeUs - part.onset_us) / 1e6) * (part.rate_hz / part.nominal_rate_hz);
  const timeOf = (part, place) =>
    part.onset_us + place * 1e6 * (part.nominal_rate_hz / part.rate_hz);

  const open = (players) => {
    const parts = Array.from(players, (player) => ({
      player,
      onset_us: Number(player.dataset.onset),
      offset_us: Number(player.dataset.offset),
      rate_hz: Number(player.dataset.rate),
      nominal_rate_hz: Number(player.dataset.nominal),
    }));

    const halt = () => parts.forEach((part) => part.player.pause());

    const begin = (part, timeUs, speed) => {
      part.player.playbackRate = speed;
      part.player.currentTime = Math.max(0, placeIn(part, timeUs));
      part.player.play().catch(() => {}); // paused again before it began
    };

    // Play what belongs to a moment; return the moment that is heard, null where none is.
    const follow = (timeUs, speed) => {
      let heard = null;
      for (const part of parts) {
        if (!ReplayTime.holds(part, timeUs)) {
          part.player.pause();
        } else if (part.player.paused && !part.player.ended) {
          begin(part, timeUs, speed);
        } else {
          part.player.playbackRate = speed;
          if (!part.player.seeking && part.player.readyState > 1) {
            heard = timeOf(part, part.player.currentTime);
          }
        }
      }
      return heard;
    };
    return { follow, halt };
  };

  return Object.freeze({ open, placeIn, timeOf });
})();
