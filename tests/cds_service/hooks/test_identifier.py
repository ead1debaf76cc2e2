from time import sleep, time
from uuid import UUID

from cds_service.hooks.identifier import new_uuid


def test_an_id_is_a_uuid_of_version_7_and_never_the_same():
    made = [new_uuid() for _ in range(200)]
    assert {(UUID(one).version, UUID(one).variant, str(UUID(one)) == one) for one in made} == {
        (7, "specified in RFC 4122", True)
    }
    assert len(set(made)) == 200


def test_ids_of_later_milliseconds_sort_behind_earlier_ones():
    made = []
    for _ in range(3):
        made.append(new_uuid())
        sleep(0.002)
    assert made == sorted(made)
    assert abs((UUID(made[0]).int >> 80) / 1000 - time()) < 60
