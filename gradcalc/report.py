"""What a result is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from gradcalc import ops
from gradcalc.errors import GradcalcError
from gradcalc.shared import BIG, Shared

if TYPE_CHECKING:
    from gradcalc.engine.evaluation import Evaluation, Local
    from gradcalc.engine.numerical.verification import Verification

#: A float, or a NumPy array.
Value = Any

SCHEMA_VERSION = 1


def check_report(report: object, name: str) -> None:
    """Check what the function of that name was given: a program in its place is an easy slip.

    Raises:
        GradcalcError: ``bad-value``.
    """
    if not isinstance(report, Report):
        message = f"{name} takes a report, and here is {report!r:.60}"
        raise GradcalcError("bad-value", message, help=f"as in {name}(backprop(program, ...))")


class Note(NamedTuple):
    """Something worth knowing about a result.

    Attributes:
        kind: such as ``kink`` or ``split-name``; docs/language.md has those of results and of the
            native notation, docs/latex.md those of LaTeX.
        node: the id of the node it is about; None if it is about the text.
        message: one sentence.
    """

    kind: str
    node: int | None
    message: str


class Node(NamedTuple):
    """A node of the computational graph, with its numbers.

    Attributes:
        id: its place among the nodes, which are in topological order.
        name: of the input or definition; None for an unnamed subexpression.
        expression: its operation as text (a long one is cut in the middle).
        op: the name of the operation; ``input`` or ``constant`` for a leaf.
        operands: ids.
        shape: of the value; ``()`` for a scalar.
        value: in the units of the expression; a float, or an array of the shape.
        upstream: the derivative of the output by this node, of the same shape; None for a node that
            no input reaches.
        local: a :class:`Local` (operand, symbol, value) for each operand that varies.
        pattern: what the gate does to the upstream gradient (distributor, router, switcher, scaler,
            mover, copier, blocker; adder for an input used more than once); None for other leaves.
    """

    id: int
    name: str | None
    expression: str
    op: str
    operands: tuple[int, ...]
    shape: tuple[int, ...]
    value: Value
    upstream: Value | None
    local: tuple["Local", ...]
    pattern: str | None


class Nodes(Sequence[Node]):
    """The nodes of a report, each made when it is asked for: there may be millions.

    Attributes:
        jacobians: whether the local Jacobians of structural gates are worked out.
    """

    def __init__(self, evaluation: "Evaluation") -> None:
        self._evaluation = evaluation
        self.jacobians = True
        self._uses: dict[int, int] | None = None

    def __len__(self) -> int:
        return len(self._evaluation.nodes)

    @overload
    def __getitem__(self, index: int) -> Node: ...
    @overload
    def __getitem__(self, index: slice) -> list[Node]: ...
    def __getitem__(self, index: int | slice) -> Node | list[Node]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        return self._node(place, self._evaluation.nodes[place])

    def __iter__(self) -> Iterator[Node]:
        return (self._node(place, node) for place, node in enumerate(self._evaluation.nodes))

    def uses(self, id: int) -> int:
        """How often the other nodes use a node as an operand."""
        if self._uses is None:
            graph, uses = self._evaluation.graph, dict.fromkeys(self._evaluation.nodes, 0)
            for node in uses:
                for operand in graph.operands[node]:
                    uses[operand] += 1
            self._uses = uses
        return self._uses[self._evaluation.nodes[id]]

    def shape(self, id: int) -> tuple[int, ...]:
        """The shape of the value of a node."""
        return self._evaluation.graph.shape(self._evaluation.nodes[id])

    def _node(self, place: int, node: int) -> Node:
        run = self._evaluation
        graph = run.graph
        op = graph.op[node]
        varies = graph.varies[node]
        pattern: str | None
        if op >= 0:
            pattern = ops.TABLE[op].pattern
        else:
            pattern = "adder" if varies and self.uses(place) > 1 else None
        return Node(
            id=place,
            name=graph.names.get(node),
            expression=run.expression(node),
            op=run.op(node),
            operands=tuple([run.id(operand) for operand in graph.operands[node]]),
            shape=graph.shape(node),
            value=_plain(run.values[node]),
            upstream=_plain(own(run.gradient(node))) if varies else None,
            local=tuple(
                [
                    local._replace(operand=run.id(local.operand), value=_plain(local.value))
                    for local in run.local(node, self.jacobians)
                ]
            ),
            pattern=pattern,
        )


class Derived(NamedTuple):
    """A derivative beyond the gradients.

    Attributes:
        kind: ``jacobian``, ``hessian``, ``jvp`` or ``hvp``.
        names: what it is by: one name, two of a Hessian, none of a jvp.
        value: of the shape of the output (jacobian, jvp), followed by those of the names.
    """

    kind: str
    names: tuple[str, ...]
    value: Value

    @property
    def key(self) -> str:
        """Its name in scripts: ``hessian[x,y]``, ``jvp``."""
        return f"{self.kind}[{','.join(self.names)}]" if self.names else self.kind


class Report:
    """The value of one output and its gradients.

    The arrays of ``gradients`` and ``derived`` are the caller's own. All others are read-only.
    A big array that was given as a value is not copied. When it has been changed since, all that is
    not in the report yet is a GradcalcError, ``changed-value``.

    Attributes:
        problem: which problem of the program it belongs to, from 1.
        output: the name of the definition or function; None for a bare expression.
        value: of the output; a float, or an array.
        shape: of the value.
        inputs: the value of each input, by name.
        gradients: the derivative of the output by each input (or by the names of ``wrt``), by name:
            a float, or an array of the shape of the input.
        nodes: the computational graph, in topological order.
        notes: what is worth knowing: kinks met, how the text was read, infinities; found out when
            it is asked for.
        derived: Jacobians, Hessians and their products with directions, where they were asked for.
        verification: what a numerical check found out, where one was asked for.
        place: where its formula stands in a document, ``line 13: f(x) = x^2``; else empty.
        extra: further keys of the JSON object, which were asked for.
    """

    def __init__(
        self,
        evaluation: "Evaluation",
        *,
        problem: int,
        gradients: Mapping[str, Value],
        notes: Callable[[], Iterable[Note]],
    ) -> None:
        self._evaluation = evaluation
        inputs = evaluation.problem.inputs.items()
        leaves = [(name, evaluation.values[node]) for name, node in inputs]
        self._shared = Shared([*leaves, ("upstream", evaluation.upstream)])
        self._notes: tuple[Note, ...] | None = None
        self._find_notes = notes
        self.derived: list[Derived] = []
        self.verification: Verification | None = None
        self.place = ""
        self.extra: dict[str, Any] = {}
        self.problem = problem
        self.output: str | None = evaluation.output.name
        value = evaluation.values[evaluation.output.node]
        self.value: Value = _plain(self._shared.apart(value))
        self.shape: tuple[int, ...] = evaluation.graph.shape(evaluation.output.node)
        self.gradients = {name: self._own(name, value) for name, value in gradients.items()}
        self._nodes: Nodes | None = None

    @property
    def evaluation(self) -> "Evaluation":
        """What all numbers come from.

        Raises:
            GradcalcError: ``changed-value``.
        """
        self._shared.check()
        return self._evaluation

    @property
    def nodes(self) -> Nodes:
        """See above."""
        run = self.evaluation
        if self._nodes is None:
            self._nodes = Nodes(run)
        return self._nodes

    @property
    def notes(self) -> tuple[Note, ...]:
        """See above."""
        if self._notes is None:
            self._shared.check()
            self._notes = tuple(self._find_notes())
        return self._notes

    @notes.setter
    def notes(self, notes: tuple[Note, ...]) -> None:
        self._notes = notes

    def _own(self, name: str, gradient: Any) -> Value:
        """A gradient to be kept by the user. A big one is not copied, but handed over."""
        if getattr(gradient, "size", 1) > BIG:
            node = self._evaluation.problem.definitions[name]
            if self._evaluation.release(node, gradient):
                return gradient
        return own(gradient)

    @property
    def inputs(self) -> dict[str, Value]:
        """See above."""
        run = self.evaluation
        return {name: _plain(run.values[node]) for name, node in run.problem.inputs.items()}

    @property
    def expression(self) -> str:
        """The output's operation as text."""
        return self.evaluation.expression(self.evaluation.output.node)

    def reference(self, id: int) -> str:
        """What a node is called where it is an operand: its name, or its operation as text."""
        return self.evaluation.reference(self.evaluation.nodes[id])[0]

    def landmarks(self) -> list[int]:
        """The ids of the inputs, the named nodes and the output, in topological order."""
        run = self.evaluation
        names = run.graph.names
        nodes = [node for node in run.nodes if node in names or node == run.output.node]
        return [run.id(node) for node in nodes]

    def named_values(self) -> dict[str, Value]:
        """The value of everything that the program gives a name, by name."""
        run = self.evaluation
        return {name: _plain(run.values[n]) for name, n in run.problem.definitions.items()}

    def defines(self, name: str) -> bool:
        """Whether the program gives a meaning to a name, as a definition, function or input."""
        problem = self.evaluation.problem
        heads = (statement.name for statement in problem.ast.statements)
        return name in problem.definitions or name in heads

    def is_output(self, name: str) -> bool:
        """Whether a name is the name of the output, or of its node."""
        run = self.evaluation
        return name == self.output or run.problem.definitions.get(name) == run.output.node

    def gradient(self, name: str) -> Value:
        """The derivative of the output by an input or definition; KeyError for another name."""
        return own(self.evaluation.gradient(self.evaluation.problem.definitions[name]))

    def __repr__(self) -> str:
        return f"Report(value={self.value!r}, gradients={self.gradients!r})"

    def header(self) -> dict[str, Any]:
        """The JSON object without its nodes."""
        return {
            "schema_version": SCHEMA_VERSION,
            "problem": self.problem,
            "expression": self.expression,
            "output": self.output,
            "value": self.value,
            "shape": list(self.shape),
            "inputs": self.inputs,
            "gradients": self.gradients,
        } | (_derived_json(self.derived) | self.extra)

    def to_json(self) -> dict[str, Any]:
        """The report as the object that ``--format json`` writes, of lists, dicts and numbers.

        Infinities and NaN are the strings ``"Infinity"``, ``"-Infinity"`` and ``"NaN"``.
        """
        whole = self.header()
        whole["nodes"] = [node_json(node) for node in self.nodes]
        whole["notes"] = [note._asdict() for note in self.notes]
        result = jsonable(whole)
        assert isinstance(result, dict)
        return result


def _plain(value: Any) -> Value:
    """A float for whatever is a number; None as it is; an array so that nobody can write to it:
    other numbers of the report may be computed from it later."""
    if value is None:
        return None
    if not getattr(value, "shape", ()):
        return float(value)
    if value.flags.writeable:
        value = value.view()
        value.flags.writeable = False
    return value


def own(value: Any) -> Value:
    """A float for whatever is a number; an array in memory of its own, to be written to.

    A zero has no sign, which a gradient would have from an operand that has nothing to do with it.
    """
    return value + 0.0 if getattr(value, "shape", ()) else float(value) + 0.0


def _derived_json(derived: Sequence[Derived]) -> dict[str, Any]:
    """Each kind as one key, with its names as keys inside."""
    found: dict[str, Any] = {}
    for kind, names, value in derived:
        if not names:
            found[kind] = value
            continue
        inner = found.setdefault(kind, {})
        for name in names[:-1]:
            inner = inner.setdefault(name, {})
        inner[names[-1]] = value
    return found


def node_json(node: Node) -> dict[str, Any]:
    """One node as a JSON object."""
    return node._asdict() | {
        "operands": list(node.operands),
        "shape": list(node.shape),
        "local": [local._asdict() for local in node.local],
    }


def is_finite(value: Value) -> bool:
    """Whether a number, or every entry of an array, is neither infinite nor NaN."""
    if value.__class__ is float:
        return bool(value - value == 0)
    import numpy as np

    return bool(np.isfinite(value).all())


def jsonable(value: Any) -> Any:
    """The value with numbers that JSON does not have replaced by their names."""
    if isinstance(value, float):
        if value - value == 0:
            return value
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if hasattr(value, "tolist"):
        return jsonable(value.tolist()) if not is_finite(value) else value.tolist()
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    return [jsonable(item) for item in value] if isinstance(value, list) else value
