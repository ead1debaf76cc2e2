"""Numbers that a site has set: which were made use of, and that nobody minds where no site has set any."""

from __future__ import annotations

from pathlib import Path

from cards import site_settings


def test_where_no_site_has_set_a_number_none_is_noted() -> None:
    with site_settings.in_force(None):
        site_settings.note("fresh_days", 120, 180, "d")
        site_settings.repeat(["fresh days 120 days (book: 180)"])
        assert not site_settings.is_any()
        assert site_settings.table(Path("renal_function.yaml")) is None


def test_a_number_made_use_of_is_noted_inside_and_outside() -> None:
    with site_settings.in_force({}), site_settings.noted() as outside:
        with site_settings.noted() as inside:
            site_settings.note("fresh_days", 120, 180, "d")
        assert list(inside) == list(outside) == ["fresh days 120 days (book: 180)"]


def test_what_is_collected_without_a_site_goes_nowhere_else() -> None:
    with site_settings.noted() as noted:
        site_settings.repeat(["ratio 2 (book: 1)"])
    assert list(noted) == ["ratio 2 (book: 1)"]
    assert not site_settings.is_any()
