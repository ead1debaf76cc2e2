"""Working and charts as parts of pages: Python prepares, a Jinja partial draws inline SVG, a table says the same.

A page that shows them links `charts.css` in its head and hands the partials what the functions here return:

    with site_settings.in_force(tables):                        # the numbers of the site, as in `consult`
        doses = dose_parts(review.considered, facts)            # charts/dose.py
        kidneys = renal_part(review.considered, facts)          # charts/renal.py; None: no rule looked at the kidneys
    render_template("…", doses=doses, kidneys=kidneys)

    {% block head %}<link rel="stylesheet" href="{{ url_for('static', filename='charts.css') }}">{% endblock %}
    {% include "charts/_dose.html" %}
    {% include "charts/_renal.html" %}

Both partials hold `<section>`s whose headings are `<h3>`; set `level = 4` beside them for `<h4>`. They need no script
and no style of their own, so that they may also be sent as a fragment.
"""
