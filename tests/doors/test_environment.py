"""The environment a fresh clone makes for itself."""

import subprocess
import sys
from zipfile import ZipFile

import pytest

from doors import environment

pytestmark = pytest.mark.slow


@pytest.fixture
def venv(tmp_path, monkeypatch):
    folder = tmp_path / "with a space" / ".venv"
    python = folder / "bin" / "python"
    monkeypatch.setattr(environment, "VENV", folder)
    monkeypatch.setattr(environment, "PYTHON", python)
    monkeypatch.setattr(environment, "OWN_PIP", [str(python), "-m", "pip"])
    monkeypatch.setattr(environment, "LENT_PIP", [environment.BASE, "-m", "pip", "--python", str(python)])
    return folder


def installs_a_package(venv, tmp_path):
    wheel = tmp_path / "tansy-1-py3-none-any.whl"
    about = {
        "METADATA": "Metadata-Version: 2.1\nName: tansy\nVersion: 1",
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any",
        "RECORD": "tansy.py,,",
    }
    with ZipFile(wheel, "w") as archive:
        archive.writestr("tansy.py", "")
        for name, text in about.items():
            archive.writestr(f"tansy-1.dist-info/{name}", f"{text}\n")
    subprocess.run([*environment._pip(), "install", "--no-index", str(wheel)], capture_output=True, check=True)
    return bool(list(venv.glob("lib/python*/site-packages/tansy.py")))


@pytest.mark.skipif(
    subprocess.run([environment.BASE, "-m", "pip", "--version"], capture_output=True).returncode != 0,
    reason="the Python that began has no pip to lend",
)
def test_the_pip_of_the_python_that_began_is_enough(venv, tmp_path):
    environment._make()

    assert not list(venv.glob("lib/python*/site-packages/pip"))
    assert installs_a_package(venv, tmp_path)


def test_without_one_to_lend_the_environment_gets_its_own(venv, tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "LENT_PIP", [sys.executable, "-c", "raise SystemExit(1)"])

    environment._make()

    assert list(venv.glob("lib/python*/site-packages/pip"))
    assert installs_a_package(venv, tmp_path)
