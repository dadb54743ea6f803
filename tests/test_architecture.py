"""The architecture as rules: allowed imports, places of code, and sizes."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE, LONGEST_FUNCTION = 400, 40

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of the program, read but not run."""

    name: str
    source: str
    tree: ast.Module

    def imports(self) -> Iterator[str]:
        """The dotted names it imports, wherever in it."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name} imports relatively"
                assert node.module
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)

    def attributes(self) -> set[str]:
        """The attributes that it accesses."""
        return {node.attr for node in ast.walk(self.tree) if isinstance(node, ast.Attribute)}

    def functions(self) -> Iterator[tuple[str, Function]]:
        """Every function, nested ones too, by dotted name."""
        yield from _functions(self.tree, self.name)


def _functions(parent: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for node in ast.iter_child_nodes(parent):
        name = f"{prefix}.{node.name}" if isinstance(node, Function | ast.ClassDef) else prefix
        if isinstance(node, Function):
            yield name, node
        yield from _functions(node, name)


def _module(path: Path) -> Module:
    source = path.read_text(encoding="utf-8")
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return Module(name, source, ast.parse(source))


OURS = ("app", "demo", "worker", "wsgi")
MODULES = [_module(path) for name in OURS for path in sorted([*(ROOT / name).rglob("*.py"), *ROOT.glob(f"{name}.py")])]


def is_within(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def found(wrong: dict[str, list[str]]) -> dict[str, list[str]]:
    """The modules with violations."""
    return {name: names for name, names in wrong.items() if names}


# --- who may import whom -------------------------------------------------------------------

# The first that matches is the rule: what a module may import of OURS. Only create_app's module is not listed.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "app.allocator": (),
    "app.config": ("app.config", "app.errors"),  # ConfigError
    "app.boot": ("app.config.masks", "app.errors", "app.sqlite"),
    "app.disk": (),
    "app.errors": (),
    "app.extensions": (),
    "app.sqlite": (),
    "app.patient_worker": (),
    "app.turns": (),
    "app.server": ("app.logs", "app.services.queue", "app.turns"),
    "app.logs": (),
    "app.columns": (),
    "app.choices": (),
    "app.natural_order": (),
    "app.credentials": ("app.extensions", "app.columns", "app.choices"),
    "app.camera_clocks": ("app.extensions",),
    "app.models": (
        "app.extensions",
        "app.columns",
        "app.choices",
        "app.credentials",
        "app.camera_clocks",
        "app.natural_order",
    ),
    "app.imaging": ("app.imaging", "app.disk", "app.errors"),
    "app.integrations": ("app.integrations", "app.disk", "app.errors"),
    "app.services.audit": (),
    "app.services.queue": (),
    "app.services.uploads.names": ("app.imaging.formats",),
    "app.services.uploads.receipt": ("app.models",),
    "app.services.transactions": ("app.models", "app.errors", "app.sqlite"),
    "app.services": (
        "app.services",
        "app.imaging",
        "app.integrations",
        "app.models",
        "app.disk",
        "app.errors",
        "app.natural_order",
        "app.columns",
        "app.camera_clocks",
    ),
    "app.jobs.tasks": ("app.services", "app.errors"),
    "app.jobs.sweeper": (),
    "app.jobs": ("app.jobs.sweeper", "app.services.queue"),
    "app.views.collections.blueprint": (),
    # app.imaging.variants is the ladder: data that the pages need for widths and addresses
    # app.imaging.formats.DRAWABLE for the script of uploads, which draws the same formats as the server serves inline
    # app.logs for addresses that a log line names
    "app.views": (
        "app.views",
        "app.services",
        "app.models",
        "app.errors",
        "app.extensions",
        "app.imaging.variants",
        "app.imaging.formats.DRAWABLE",
        "app.imaging.formats.EXTENSIONS",
        "app.logs",
    ),
    "app.cli": ("app.cli", "app.services", "app.models.Role", "app.models.human_size", "app.errors"),
    # The entry points of Celery, gunicorn and `flask`.
    "worker": (
        "app.create_app",
        "app.boot",
        "app.errors",
        "app.extensions",
        "app.jobs.celery_queue",
        "app.services.queue",
    ),
    "wsgi": ("app.create_app", "app.boot"),
    "demo.gallery": ("demo", "app.services", "app.models", "app.errors"),
    "demo.command": ("demo", "app.services.queue"),
    "demo": ("demo",),
}
# Packages and modules of the services by floor, the lowest first: each may import from the floors below its own.
SERVICES = (
    ("audit", "progress", "queue", "storage_service", "transactions"),
    ("accounts", "leases", "lookup"),
    ("access", "variants"),
    ("collections", "delivery", "uploads"),
    ("thumbnail_service", "trash"),
    ("maintenance",),
)
# What the pure packages may import besides the standard library; the first that matches is the rule.
LIBRARIES = {
    "demo.gallery": {"sqlalchemy"},
    "demo.command": {"click", "flask"},
    "demo": {"PIL"},
    "app.imaging": {"PIL", "pi_heif", "thumbhash"},
    # flask only for CloudflareR2Storage(), which takes no argument by contract; the typing stubs are never loaded
    "app.integrations": {"boto3", "botocore", "urllib3", "flask", "mypy_boto3_s3", "_typeshed"},
    "app.errors": set(),
    "app.config": {"dotenv", "sqlalchemy"},
    "app.sqlite": {"sqlalchemy"},
    "app.jobs.sweeper": set(),
    "app.services.queue": set(),
}


def test_modules_import_only_lower_layers() -> None:
    wrong = {}
    for module in MODULES:
        if module.name == "app":
            continue
        rule = next(rule for package, rule in MAY_IMPORT.items() if is_within(module.name, (package,)))
        own = [name for name in module.imports() if is_within(name, OURS)]
        wrong[module.name] = [name for name in own if not is_within(name, rule)]
    assert found(wrong) == {}


def test_service_packages_import_only_lower_layers() -> None:
    floors = {f"app.services.{name}": floor for floor, names in enumerate(SERVICES) for name in names}
    wrong = {}
    for module in MODULES:
        if module.name != "app.services" and is_within(module.name, ("app.services",)):
            own = _service(module.name)
            used = {_service(name) for name in module.imports() if is_within(name, ("app.services",))}
            wrong[module.name] = sorted(name for name in used if name != own and floors[name] >= floors[own])
    assert found(wrong) == {}


def _service(name: str) -> str:
    return ".".join(name.split(".")[:3])


def test_pure_packages_know_only_their_own_library() -> None:
    wrong = {}
    for module in MODULES:
        package = next((package for package in LIBRARIES if is_within(module.name, (package,))), None)
        if package is not None:
            foreign = {name.split(".")[0] for name in module.imports()} - set(sys.stdlib_module_names) - set(OURS)
            wrong[module.name] = sorted(foreign - LIBRARIES[package])
    assert found(wrong) == {}


def test_integrations_use_flask_only_in_a_constructor() -> None:
    adapters = [module for module in MODULES if is_within(module.name, ("app.integrations",))]
    assert [name for module in adapters for name in module.imports() if "flask" in name] == ["flask.current_app"]


def test_sessions_are_committed_only_by_transactions() -> None:
    """One public method of a service is one transaction; views and helpers never commit."""
    committing = [module.name for module in MODULES if "commit" in module.attributes()]
    assert committing == ["app.services.transactions"]


def test_sessions_are_rolled_back_only_by_transactions() -> None:
    """Services read within `reading`, or call `end_reading` before they wait."""
    assert [module.name for module in MODULES if "rollback" in module.attributes()] == ["app.services.transactions"]


def test_views_and_commands_read_models_without_the_session() -> None:
    session = {"app.models.db", "app.extensions.db", "app.services.transactions.transaction"}
    above = [module for module in MODULES if is_within(module.name, ("app.views", "app.cli"))]
    assert found({module.name: sorted(session.intersection(module.imports())) for module in above}) == {}


# --- what belongs where --------------------------------------------------------------------

# Constraints and partial indexes repeat the condition of a deleted row as SQL; they lie below the services.
CONDITIONS_OF_TABLES = {"app.columns", "app.models"}


def test_conditions_of_live_rows_and_pictures_are_written_only_in_lookup() -> None:
    writers = {module.name for module in MODULES if any(map(_is_condition_of_lookup, ast.walk(module.tree)))}
    assert writers == {"app.services.lookup", *CONDITIONS_OF_TABLES}


@pytest.mark.parametrize(
    "written",
    [
        "File.deleted_at.is_(None)",
        "Collection.deleted_at.is_not(None)",
        "File.deleted_at == None",
        "query.filter_by(deleted_at=None)",
        "text('files.deleted_at IS NULL')",
        "File.mime_type.like('image/%')",
        "File.mime_type.startswith('image/')",
    ],
)
def test_condition_is_recognised_in_every_notation(written: str) -> None:
    assert any(map(_is_condition_of_lookup, ast.walk(ast.parse(written))))


def _is_condition_of_lookup(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Attribute(attr="deleted_at"), attr="is_" | "is_not" | "isnot"):
            return True
        case ast.Compare(left=ast.Attribute(attr="deleted_at"), ops=[ast.Eq() | ast.NotEq()]):
            return True
        case ast.keyword(arg="deleted_at", value=ast.Constant(value=None)):
            return True
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="File"), attr="mime_type"), attr="startswith"):
            return True
        case ast.Constant(value=str(text)):
            return "deleted_at IS" in text or "image/%" in text
    return False


def test_only_config_reads_the_environment() -> None:
    environment = {"environ", "environb", "getenv", "getenvb", "dotenv_values", "load_dotenv"}
    readers = {
        module.name
        for module in MODULES
        # request.environ is another one: what the web server tells of a request
        if module.name not in ("app.views.incoming", "app.views.ranges", "app.views.stored_file")
        and environment & (module.attributes() | {name.split(".")[-1] for name in module.imports()})
    }
    assert readers == {"app.config", "app.config.dotenv_file"}


# Besides config and the adapter: create_app, which wires it, and the service that keeps the name `r2_storage`.
KNOWS_THE_VENDOR = {"app", "app.services.storage_service"}


def test_storage_vendor_is_named_only_in_config_and_adapter() -> None:
    adapter = ("app.config", "app.integrations.file_storage", "app.integrations.s3")
    knowing = {module.name for module in MODULES if re.search(r"\br2|R2_", module.source)}
    assert {name for name in knowing if not is_within(name, adapter)} == KNOWS_THE_VENDOR


# Methods that look the app up when they are called, where their constructors could. None should join them.
LOOKS_THE_APP_UP_LATE = {
    "app.services.thumbnail_service.ThumbnailService.batch_generate_variants",
}


def test_the_app_is_looked_up_only_in_views_commands_constructors_and_functions_without_arguments() -> None:
    late = {
        name
        for module in MODULES
        if not is_within(module.name, ("app.views", "app.cli"))
        for name, function in module.functions()
        if _mentions(function, "current_app") and function.name != "__init__" and _takes_arguments(function)
    }
    assert late == LOOKS_THE_APP_UP_LATE


def _mentions(function: Function, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(function))


def _takes_arguments(function: Function) -> bool:
    given = function.args
    return any([*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg])


# --- how big things get, and what they say ---------------------------------------------------


def test_files_fit_in_the_head() -> None:
    lines = {module.name: len(module.source.splitlines()) for module in MODULES}
    assert {name: count for name, count in lines.items() if count > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    functions = [function for module in MODULES for function in module.functions()]
    lines = {name: (node.end_lineno or 0) - node.lineno + 1 for name, node in functions}
    assert {name: count for name, count in lines.items() if count > LONGEST_FUNCTION} == {}


def test_public_names_have_docstrings() -> None:
    silent = [module.name for module in MODULES if module.source.strip() and not ast.get_docstring(module.tree)]
    for module in MODULES:
        silent += [name for name, node in _public(module.tree, module.name) if not ast.get_docstring(node)]
    assert silent == []


def _public(parent: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Public functions, classes and methods; the bare attributes of a Protocol are told by its own docstring."""
    for node in parent.body:
        if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
            continue
        name = f"{prefix}.{node.name}"
        if not _is_bare_attribute(parent, node):
            yield name, node
        if isinstance(node, ast.ClassDef):
            yield from _public(node, name)


def _is_bare_attribute(parent: ast.AST, node: ast.AST) -> bool:
    return (
        isinstance(parent, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Protocol" for base in parent.bases)
        and isinstance(node, ast.FunctionDef)
        and any(isinstance(each, ast.Name) and each.id == "property" for each in node.decorator_list)
    )


# --- migrations ------------------------------------------------------------------------------


def test_alembic_does_not_shadow_the_library() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()
    assert not (ROOT / "tests" / "alembic").exists()


def test_migrations_import_nothing_of_the_app() -> None:
    """A revision says what was true when it was written; the models move on."""
    for path in (ROOT / "alembic" / "versions").glob("*.py"):
        assert not [name for name in _module(path).imports() if is_within(name, ("app",))], path.name
