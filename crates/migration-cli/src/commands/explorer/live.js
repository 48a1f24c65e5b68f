"use strict";
// A page that is written anew while a process is followed: it shows the last moment, and looks again every second.

const Live = (() => {
  const PAUSE_MS = 1000;

  /** Shows the end of the recording, unless the reader has gone elsewhere. */
  function begin(app) {
    if (app.data.live === undefined) return;
    if (location.hash === "" || app.tab === "recordings") {
      app.setTab("recordings");
      app.player.open(app.data.recordings[0].name);
      app.player.go(app.player.length - 1);
    }
    if (app.data.live) setTimeout(() => location.reload(), PAUSE_MS);
  }

  return { begin };
})();
