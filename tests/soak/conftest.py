from tests.remedies.conftest import engine  # noqa: F401  # a fixture
