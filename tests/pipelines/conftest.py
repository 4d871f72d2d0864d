from tests.action.conftest import runner  # noqa: F401  # a fixture
from tests.entrypoints.conftest import configure, production  # noqa: F401  # fixtures
