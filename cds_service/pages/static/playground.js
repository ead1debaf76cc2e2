/* What the page does beyond its forms, which work without it: marks wrong fields, and puts the focus where one goes on. */
(function () {
  "use strict";

  function markProblems() {
    document.querySelectorAll("#scenario .problem").forEach(function (problem) {
      var isWrong = problem.textContent.trim() !== "";
      document.querySelectorAll('[aria-describedby="' + problem.id + '"]').forEach(function (field) {
        if (isWrong) { field.setAttribute("aria-invalid", "true"); } else { field.removeAttribute("aria-invalid"); }
      });
    });
  }

  document.addEventListener("htmx:afterSettle", function (event) {
    markProblems();
    var cause = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent;
    var answer = document.getElementById("answer");
    if (cause && cause.type === "submit" && answer.getBoundingClientRect().top > window.innerHeight * 0.8) {
      answer.scrollIntoView(); // on a narrow screen the answer is below the form
    }
    if (document.activeElement === document.body) { // the button that was pressed is gone
      var heading = document.getElementById("cards-heading");
      if (heading) { heading.focus({ preventScroll: false }); }
    }
  });

  var asked = null; // what the form said when it was last sent

  document.addEventListener("htmx:confirm", function (event) {
    var form = document.getElementById("scenario"), cause = event.detail.triggeringEvent;
    var question = event.detail.elt === form ? new URLSearchParams(new FormData(form)).toString() : null;
    if (question && question === asked && cause && cause.type === "change") {
      event.preventDefault(); // asked with Enter already: leaving the field must not take the cards from under the hand
    }
    asked = question;
  });

  document.addEventListener("htmx:beforeSend", function (event) {
    var xhr = event.detail.xhr, tidyUp = xhr.onabort;
    xhr.onabort = function () { // a newer question took its place: htmx would report that as an error
      var report = console.error;
      console.error = function () {};
      try { tidyUp.call(xhr); } finally { console.error = report; }
    };
  });

  document.addEventListener("keydown", function (event) { // an order is one line: Enter asks
    if (event.key === "Enter" && event.target.tagName === "TEXTAREA" && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });

  document.addEventListener("focusin", function (event) {
    if (event.target.id === "link") { event.target.select(); }
  });
})();
