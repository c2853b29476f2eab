"""Runs one workload and gives its answer. What happens here happens in the client process."""

from typing import Any

from hepbench.analyses import AnalysisError, load
from hepbench.analysis import Analysis, Answer, Mark, Workload


def analysis_of(workload: Workload) -> Analysis:
    """The analysis that the workload asks for."""
    module = load(workload.suite)
    return module.analysis(workload.backend, workload.parameters, tuple(workload.columns), workload.edit)


def execute(workload: Workload, client: Any, mark: Mark) -> Answer:
    """Marks `prepare`, `trigger`, `graph`, `result` and returns the answer; `client` is None for the serial runner."""
    mark("prepare")
    analysis = analysis_of(workload)
    if odd := sorted(set(analysis.columns()) ^ set(workload.columns)):
        message = f"plan and analysis of suite {workload.suite} differ in what they read: {', '.join(odd)}"
        raise AnalysisError(f"{message}; `columns` of its suite.ts and of its Python analysis must be the same")
    analysis.prepare(workload, client)
    mark("trigger")
    result = analysis.run(workload, client, mark)
    mark("result")
    return analysis.answer(result)
