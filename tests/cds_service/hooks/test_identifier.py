from uuid import UUID

from cds_service.hooks.identifier import new_uuid


def test_an_id_is_a_random_uuid_of_version_4_and_never_the_same():
    made = [new_uuid() for _ in range(200)]
    assert {(UUID(one).version, UUID(one).variant, str(UUID(one)) == one) for one in made} == {
        (4, "specified in RFC 4122", True)
    }
    assert len(set(made)) == 200
