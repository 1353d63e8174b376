"""What is defined for each value of an index in LaTeX: one quantity for each, made of others."""

from typing import Any

import numpy as np
import pytest

from gradcalc import GradcalcError, backprop

from .conftest import Run

H, D, T = 3, 2, 4
RNN = r"h_t = \tanh(w h_{t-1} + u x_t) \\ L = \sum_{t=1}^3 (h_t - y_t)^2"
LSTM = r"""
i_t = \sigma(W_i x_t + U_i h_{t-1} + b_i) \\
f_t = \sigma(W_f x_t + U_f h_{t-1} + b_f) \\
o_t = \sigma(W_o x_t + U_o h_{t-1} + b_o) \\
g_t = \tanh(W_g x_t + U_g h_{t-1} + b_g) \\
c_t = f_t \odot c_{t-1} + i_t \odot g_t \\
h_t = o_t \odot \tanh(c_t) \\
L = \sum_{t=1}^T \|h_t - y_t\|^2
"""


def _through_time(w: float, u: float, x: list[float], y: list[float]) -> dict[str, Any]:
    """Backpropagation through time by hand, from h_0 = 0."""
    h = [0.0]
    for entry in x:
        h.append(float(np.tanh(w * h[-1] + u * entry)))
    found: dict[str, Any] = {"w": 0.0, "u": 0.0, "x": [0.0] * len(x)}
    arriving = 0.0
    for t in range(len(x), 0, -1):
        before_tanh = (arriving + 2.0 * (h[t] - y[t - 1])) * (1.0 - h[t] ** 2)
        found["w"] += before_tanh * h[t - 1]
        found["u"] += before_tanh * x[t - 1]
        found["x"][t - 1] = before_tanh * u
        arriving = before_tanh * w
    found["h_0"] = arriving
    return found


@pytest.mark.parametrize(
    ("program", "start"),
    [
        (RNN, {"h_0": 0.0}),
        (rf"h_0 = 0 \\ {RNN}", {}),
        (RNN.replace("h_t", "h^{(t)}").replace("h_{t-1}", "h^{(t-1)}"), {"h_0": 0.0}),
        (RNN.replace("h_t", "h^{[t]}").replace("h_{t-1}", "h^{[t-1]}"), {"h_0": 0.0}),
        (RNN.replace("=1}^3", "}"), {"h_0": 0.0}),
    ],
)
def test_through_time(program: str, start: dict[str, float]) -> None:
    x, y = [1.0, 2.0, -1.0], [0.1, 0.2, 0.3]
    report = backprop(program, {"w": 0.5, "u": 0.3, "x": x, "y": y, **start})
    for name, gradient in _through_time(0.5, 0.3, x, y).items():
        np.testing.assert_allclose(report.gradients[name], gradient, rtol=1e-12)


def test_gates_that_need_the_step_before_are_defined_above_it() -> None:
    """The LSTM as books write it: central differences of a loop in NumPy."""
    random = np.random.default_rng(1)
    values = {name + gate: random.standard_normal((H, n)) for gate in "ifog" for name, n in (
        ("W_", D), ("U_", H))}  # fmt: skip
    values |= {f"b_{gate}": random.standard_normal(H) for gate in "ifog"}
    values |= {"x": random.standard_normal((T, D)), "y": random.standard_normal((T, H))}
    values |= {"h_0": random.standard_normal(H), "c_0": random.standard_normal(H)}

    def loss(v: dict[str, Any]) -> float:
        h, c, total = v["h_0"], v["c_0"], 0.0
        for t in range(T):
            i, f, o, g = (
                v[f"W_{gate}"] @ v["x"][t] + v[f"U_{gate}"] @ h + v[f"b_{gate}"] for gate in "ifog"
            )
            i, f, o = (1.0 / (1.0 + np.exp(-s)) for s in (i, f, o))
            c = f * c + i * np.tanh(g)
            h = o * np.tanh(c)
            total += float(((h - v["y"][t]) ** 2).sum())
        return total

    report = backprop(LSTM, {**values, "T": T}, syntax="latex")
    assert report.value == pytest.approx(loss(values), rel=1e-12)
    for name, value in values.items():
        towards = random.standard_normal(value.shape)
        ahead, behind = (loss({**values, name: value + s * towards}) for s in (1e-6, -1e-6))
        slope = (ahead - behind) / 2e-6
        assert (report.gradients[name] * towards).sum() == pytest.approx(slope, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize(
    ("program", "values", "value"),
    [
        (r"F_0 = 0 \\ F_1 = 1 \\ F_n = F_{n-1} + F_{n-2} \\ S = F_{30}", {}, 832040.0),
        (r"a^{(0)} = x \\ a^{(l)} = 2 a^{(l-1)} + b^{(l)} \\ L = a^{(3)}",
         {"x": 2.0, "b": [1.0, 2.0, 3.0]}, 27.0),
        (r"h_t = 2 h_{t-1} \\ L = h_T", {"h_0": 3.0, "T": 4.0}, 48.0),
        (r"G_t = r_t + \gamma G_{t+1} \\ L = G_1",
         {"r": [1.0, 2.0, 4.0], "gamma": 0.5, "G_4": 8.0}, 4.0),
        (r"G_t = r_t + \gamma G_{t+1} \\ G_4 = 8 \\ L = G_1",
         {"r": [1.0, 2.0, 4.0], "gamma": 0.5}, 4.0),
        (r"D_{i,j} = D_{i-1,j} + D_{i,j-1} \\ L = D_{2,2}",
         {"D_0_1": 1.0, "D_0_2": 1.0, "D_1_0": 1.0, "D_2_0": 1.0}, 6.0),
        (r"x_t = x_{t-1} - \eta g \\ x_t", {"x_t_minus_1": 3.0, "eta": 0.5, "g": 2.0}, 2.0),
    ],
)  # fmt: skip
def test_recurrences(program: str, values: dict[str, Any], value: float) -> None:
    assert backprop(program, values, syntax="latex").value == pytest.approx(value, rel=1e-14)


def test_each_is_one_node_with_a_name() -> None:
    """Three layers of 10: 1,000 ways lead from an output to an input, but there are 30 units."""
    layers = r"h_i = \tanh(\sum_j W_{ij} x_j) \\ g_k = \tanh(\sum_i V_{ki} h_i) \\"
    program = layers + r"u_l = \tanh(\sum_k U_{lk} g_k) \\ L = \sum_l u_l"
    random = np.random.default_rng(0)
    weights = {name: random.standard_normal((10, 10)) for name in "WVU"}
    report = backprop(program, {**weights, "x": random.standard_normal(10)})
    assert sum(node.op == "tanh" for node in report.nodes) == 30
    by_name = {node.name: node for node in report.nodes}
    h = np.tanh(weights["W"] @ report.inputs["x"])
    assert by_name["h_3"].value == pytest.approx(h[2])


def test_its_gradient_can_be_asked_for(run: Run) -> None:
    x, y = [1.0, 2.0, -1.0], [0.1, 0.2, 0.3]
    values = ("--w", "0.5", "--u", "0.3", "--x", "[1, 2, -1]", "--y", "[0.1, 0.2, 0.3]")
    ended = run(RNN, *values, "--h_0", "0", "--get", "dh_3,dh_0")
    h = 0.0
    for entry in x:
        h = float(np.tanh(0.5 * h + 0.3 * entry))
    at_the_end, at_the_start = map(float, ended.lines)
    assert at_the_end == pytest.approx(2.0 * (h - 0.3))
    assert at_the_start == pytest.approx(_through_time(0.5, 0.3, x, y)["h_0"])


def test_a_long_recurrence() -> None:
    """h_T = h_0 + T, as deep as it is long."""
    report = backprop(r"h_t = h_{t-1} + a \\ L = h_{20000}", h_0=1.0, a=1.0)
    assert report.value == 20001.0
    assert report.gradients == {"h_0": 1.0, "a": 20000.0}


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (RNN, "no value for h_0"),
        (RNN.replace("h_{t-1}", "h_t"), "h_t is used in its own definition"),
        (r"h_t = w h_{t+1} \\ L = h_1", "each h needs one with a higher index here"),
        (r"h_t = w h_{t/2} \\ L = \sum_{t=1}^3 h_t", "an index of h is a whole number, not 0.5"),
        (r"g_t = w h_{t-1} \\ L = g_1 + \sum_{t=1}^2 g_t \\ h_t = g_t", "before its definition"),
        (r"g_t = w h_t \\ h_t = g_t \\ L = \sum_{t=1}^2 h_t", "h_t is used"),
    ],
)
def test_recurrences_that_come_to_nothing(program: str, message: str) -> None:
    values = {"w": 0.5, "u": 0.3, "x": [1.0, 2.0, 3.0], "y": [0.1, 0.2, 0.3]}
    used = {name: value for name, value in values.items() if name in program.replace("sum", "")}
    with pytest.raises(GradcalcError) as caught:
        backprop(program, used, syntax="latex")
    assert message in str(caught.value)


def test_a_worksheet_has_no_recurrence(run: Run) -> None:
    values = ("--w", "0.5", "--u", "0.3", "--x", "[1, 2, 3]", "--y", "[0.1, 0.2, 0.3]")
    ended = run("worksheet", RNN, *values, "--h_0", "0")
    assert ended.status == 2
    assert "no h_t of h_{t-1}" in ended.err
    assert "h_t of h_{t-1}" in run(RNN, *values, "--h_0", "0", "--show-reading").err


@pytest.mark.parametrize(
    ("program", "values", "gradients"),
    [
        (r"\sum_{i=1}^3 x_i^2", {"x_1": 1.0, "x_2": 2.0, "x_3": 3.0}, {"x_1": 2.0, "x_3": 6.0}),
        (r"\sum_{i=0}^1 x_i^2", {"x_0": 1.0, "x_1": 2.0}, {"x_0": 2.0, "x_1": 4.0}),
        (r"x_1 = 1 \\ x_2 = 2 \\ \sum_{i=1}^2 x_i^2", {}, {"x_1": 2.0, "x_2": 4.0}),
        (
            r"\sum_{i=1}^2 \sum_{j=1}^2 w_{ij} x_i x_j",
            {"w_11": 1.0, "w_12": 2.0, "w_21": 3.0, "w_22": 4.0, "x": [3.0, 2.0]},
            {"w_12": 6.0, "w_22": 4.0},
        ),
        (
            r"\sum_{i=1}^2 \sum_{j=1}^2 w_{ij} x_i x_j",
            {"w_1_1": 1.0, "w_1_2": 2.0, "w_2_1": 3.0, "w_2_2": 4.0, "x": [3.0, 2.0]},
            {"w_1_2": 6.0, "w_2_2": 4.0},
        ),
        (r"\sum_{i=10}^{11} i x_i", {"x_10": 1.0, "x_11": 2.0}, {"x_10": 10.0, "x_11": 11.0}),
    ],
)
def test_entries_that_are_given_one_by_one(
    program: str, values: dict[str, Any], gradients: dict[str, float]
) -> None:
    report = backprop(program, values, syntax="latex")
    for name, gradient in gradients.items():
        assert report.gradients[name] == pytest.approx(gradient, rel=1e-14)


def test_layers_of_different_widths() -> None:
    """Two linear layers: the gradient of the sum by W_1 is W_2' 1 a_0'."""
    program = r"a^{(l)} = W^{(l)} a^{(l-1)} \\ L = \|a^{(2)}\|_1"
    w1, w2 = np.arange(6.0).reshape(3, 2), np.array([[1.0, -2.0, 3.0]])
    values = {"a_0": [1.0, 2.0], "W_1": w1, "W_2": w2}
    report = backprop(program, values)
    value = (w2 @ w1 @ [1.0, 2.0]).item()
    assert report.value == abs(value)
    want = np.sign(value) * np.outer(w2[0], [1.0, 2.0])
    np.testing.assert_allclose(report.gradients["W_1"], want, rtol=1e-14)


def test_an_entry_that_is_missing() -> None:
    with pytest.raises(GradcalcError, match="no value for x_3"):
        backprop(r"\sum_{i=1}^3 x_i", {"x_1": 1.0, "x_2": 2.0})


@pytest.mark.parametrize(
    ("program", "values", "value"),
    [
        (r"T_n = T_{amb} + (T_{n-1} - T_{amb}) k", {"T_amb": 20, "T_n_minus_1": 90, "k": 0.5}, 55),
        (r"C_t = C_{t-1} + C_{in} - C_{out}", {"C_t_minus_1": 1, "C_in": 2, "C_out": 3}, 0),
        (r"h_t = a h_{t-1} + h_a", {"a": 1, "h_t_minus_1": 2, "h_a": 12}, 14),
        (r"h_t = 2 h_{t-1} \\ L = h_t^2 + h_0^2", {"h_t_minus_1": 1, "h_0": 3}, 13),
        (r"h_t = 2 h_{t-1} \\ L = h_t h_3", {"h_t_minus_1": 1, "h_3": 3}, 6),
        (r"x^{(k+1)} = x^{(k)} - g^{(k)} \\ L = (x^{(k+1)} - x^{(0)})^2",
         {"x_k": 5, "g_k": 1, "x_0": 1}, 9),
        (r"x_{t+1} = x_t - \eta g \\ L = x_{t+1}^2", {"x_t": 3, "eta": 0.5, "g": 2}, 4),
    ],
)  # fmt: skip
def test_updates_that_are_no_recurrences(program: str, values: Any, value: float) -> None:
    """A word below is no index, h_0 no member, and what has a value is a name."""
    assert backprop(program, values, syntax="latex").value == value


def test_recurrences_that_need_each_other() -> None:
    """Momentum by hand: (v, w) is (1, .9), (1.8, .72), (2.34, .486), (2.592, .2268)."""
    program = r"v_t = \mu v_{t-1} + w_{t-1} \\ w_t = w_{t-1} - \eta v_t \\ L = w_4^2"
    report = backprop(program, {"mu": 0.9, "eta": 0.1, "w_0": 1.0, "v_0": 0.0})
    assert report.value == pytest.approx(0.2268**2, rel=1e-12)


def test_the_forward_algorithm() -> None:
    """A hidden Markov model of two states, three steps by hand."""
    program = r"\alpha_{t,j} = B_{jt} \sum_{i=1}^{2} \alpha_{t-1,i} A_{ij} \\"
    program += r"L = \sum_{j=1}^{2} \alpha_{4,j}"
    values = {"A": [[0.7, 0.3], [0.4, 0.6]], "B": [[0.5, 0.5, 0.5, 0.1], [0.1, 0.2, 0.3, 0.4]]}
    report = backprop(program, {**values, "alpha_1_1": 0.3, "alpha_1_2": 0.2})
    assert report.value == pytest.approx(0.0170093, rel=1e-12)


@pytest.mark.parametrize("step", ["h_{t-1}", "h_{t+1}"])
@pytest.mark.parametrize("values", [{}, {"w": 0.5, "h_0": 1.0}])
def test_no_end_of_the_sum(step: str, values: dict[str, float]) -> None:
    with pytest.raises(GradcalcError, match="no value for T"):
        backprop(rf"h_t = w {step} \\ L = \sum_{{t=1}}^T h_t", values)


def test_a_number_as_the_start_of_vectors() -> None:
    program = r"h_t = W h_{t-1} + x_t \\ L = \sum_{t=1}^2 \|h_t\|^2"
    values = {"W": [[1.0, 2.0], [3.0, 4.0]], "x": [[1.0, 2.0], [3.0, 4.0]]}
    notes = [note.message for note in backprop(program, values, h_0=0.0).notes]
    assert any(note.startswith("h_0 is a number, and h_1 is an array (2×2)") for note in notes)
    report = backprop(program, values, h_0=[0.0, 0.0])
    assert report.value == 5.0 + (5 + 3) ** 2 + (11 + 4) ** 2
    assert not any(note.kind == "recurrence" for note in report.notes)


@pytest.mark.parametrize("script", ["_{1}", "^{(1)}"])
def test_a_name_with_endless_scripts(script: str) -> None:
    """Each is not looked at from all the others: that would take minutes."""
    with pytest.raises(GradcalcError, match="a second su"):
        backprop(rf"x{script * 20_000} \\ y = 2", syntax="latex")
