"use strict";

// The service says when something has happened that a page shows, and htmx fetches that part of it anew: at once, then
// once a second at most. A page that nobody sees lets go of its connection, for a browser has six of them for one host.
(() => {
  const REST_MS = 1000;
  const KINDS = ["open", "task", "progress", "queue", "reset"];
  let source = null;
  let rests = false;
  let isOwed = false;

  const livePart = () => document.querySelector("[data-events]");

  function stop() {
    source?.close();
    source = null;
  }

  function refresh() {
    const part = livePart();
    isOwed = rests;
    if (rests || !part) {
      return;
    }
    rests = true;
    htmx.trigger(part, "happened");
    setTimeout(() => {
      rests = false;
      if (isOwed) {
        refresh();
      }
    }, REST_MS);
  }

  function watch() {
    const part = livePart();
    if (document.hidden || !part) {
      stop();
    } else if (!source) {
      source = new EventSource(part.dataset.events);
      // What happened before the connection was made has told nobody: "open" comes for that.
      KINDS.forEach((kind) => source.addEventListener(kind, refresh));
    }
  }

  // What looks the same is left alone: a click or a selection in it would be lost.
  function leaveWhatIsSame(event) {
    const part = livePart();
    if (part && event.detail.target === part) {
      const fetched = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
      event.detail.shouldSwap &&= fetched.getElementById(part.id)?.innerHTML !== part.innerHTML;
    }
  }

  document.addEventListener("htmx:beforeSwap", leaveWhatIsSame);
  document.addEventListener("visibilitychange", watch);
  window.addEventListener("pageshow", watch);
  window.addEventListener("pagehide", stop);
})();
