from hashlib import sha256

import pytest

from shared.prisma.checksum import matches


def checksum(text: str) -> str:
    return sha256(text.encode()).hexdigest()


LF, CRLF = "SELECT 1;\nSELECT 2;\n", "SELECT 1;\r\nSELECT 2;\r\n"
# This script's sha256 has bytes below 0x10, which the engine wrote without their zero until May 2021.
LEGACY = "SELECT 1;\nSELECT 2;\n"
UNPADDED = "".join(f"{byte:x}" for byte in sha256(LEGACY.encode()).digest())


@pytest.mark.parametrize(
    ("script", "recorded", "same"),
    [
        pytest.param(LF.encode(), checksum(LF), True, id="as it was run"),
        pytest.param(CRLF.encode(), checksum(LF), True, id="git made it CRLF since"),
        pytest.param(LF.encode(), checksum(CRLF), True, id="git made it LF since"),
        pytest.param(CRLF.encode(), checksum(CRLF), True, id="CRLF as it was run"),
        pytest.param(b"SELECT 1;\r\nSELECT 2;\n", checksum(LF), True, id="mixed line endings"),
        pytest.param(LF.encode(), checksum(LF.strip()), False, id="a newline less at the end"),
        pytest.param(LEGACY.encode(), UNPADDED, True, id="a row from before May 2021"),
        pytest.param(b"other", UNPADDED, False, id="another script than that row's"),
        pytest.param(LF.encode(), checksum(LF).upper(), False, id="upper case never matches"),
        pytest.param(LF.encode(), "", False, id="an empty value never matches"),
        pytest.param(
            b"SELECT '\xff';", checksum("SELECT '\ufffd';"), True, id="bytes that are no UTF-8 are read lossily"
        ),
        pytest.param(b"\xef\xbb\xbfSELECT 1;", checksum("\ufeffSELECT 1;"), True, id="a byte order mark counts"),
        pytest.param(b"\xef\xbb\xbfSELECT 1;", checksum("SELECT 1;"), False, id="it is not left out"),
    ],
)
def test_matches(script: bytes, recorded: str, same: bool) -> None:
    assert matches(script, recorded) is same


def test_the_legacy_sample_is_one() -> None:
    assert len(UNPADDED) < 64
