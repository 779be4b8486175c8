"use strict";

// A form that says what it is about to do asks before it does so. Without JavaScript it does it at once.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
  }
});
