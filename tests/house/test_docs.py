"""What is written down matches what is there."""

import re
import subprocess
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

from tests.house.rooms import PRODUCT, ROOT, sources

README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
READ = re.compile(r"(?:env\.\w+|os\.environ\.get)\(\s*\"([A-Z_]+)\"|os\.environ\[\"([A-Z_]+)\"\]")
# Read by us, meant for libraries or set by them.
NOT_OURS = frozenset({"DJANGO_SETTINGS_MODULE", "PROMETHEUS_MULTIPROC_DIR"})


def settings_read() -> set[str]:
    found: set[str] = set()
    for path in sources(ROOT, *PRODUCT):
        for match in READ.finditer(path.read_text()):
            found.add(match[1] or match[2])
    return found - NOT_OURS


def test_every_setting_is_explained_in_the_readme() -> None:
    explained = set(re.findall(r"`([A-Z][A-Z_]+)`", README))
    assert settings_read() - explained == set()


def test_every_command_of_make_that_the_docs_name_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", README + CONTRIBUTING))
    assert named - targets == set()


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "deploy/adr/README.md"])
def test_every_link_between_documents_leads_somewhere(document: str) -> None:
    text = (ROOT / document).read_text()
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)
    missing = [link for link in links if not ((ROOT / document).parent / link).exists()]
    assert missing == []


def test_every_path_in_the_rules_exists() -> None:
    paths = re.findall(r"`((?:tests|deploy|payments|contracts)/[\w/.]+)`", CONTRIBUTING + README)
    assert [path for path in paths if not (ROOT / path).exists() and "platform" not in path] == []


def test_the_committed_api_schema_is_that_of_the_code() -> None:
    """Red? `make schema`, and look at what the change means for the Mini App."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    now = OpenApiYamlRenderer().render(schema).decode()  # type: ignore[no-untyped-call]
    assert (ROOT / "static" / "miniapp" / "openapi.yaml").read_text().strip() == now.strip()


def test_nothing_committed_names_a_machine_or_a_mirror() -> None:
    """A clone works anywhere: no absolute home, no package index of somebody's own."""
    traces = re.compile(r"/(?:home|Users|root)/\w|--(?:extra-)?index-url \S|\"resolved\":")
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    found = []
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in {".py", ".txt", ".toml", ".json", ".md", ".yml", ".in", ""} and (
            path.is_file() and path != Path(__file__)
        ):
            text = path.read_text(errors="replace")
            found += [f"{name}: {match[0]}" for match in traces.finditer(text)]
    assert found == []
