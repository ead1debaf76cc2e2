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

  document.addEventListener("htmx:afterSettle", function () {
    markProblems();
    if (document.activeElement === document.body) { // the button that was pressed is gone
      var heading = document.getElementById("cards-heading");
      if (heading) { heading.focus({ preventScroll: false }); }
    }
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
