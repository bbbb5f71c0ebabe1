"""Pages of Describe calls."""

from __future__ import annotations

from conformance import pages
from conformance.behavior import documented, seen, unknown
from conformance.kinds import FILTER, TARGET
from conformance.trial import Trial


@seen(pages.PAGINATION, "refused: InvalidParameterCombination")
def ids_with_a_page_size(trial: Trial) -> str:
    """Ids and MaxResults can't be combined."""
    target = trial.target_id
    return trial.outcome(TARGET.describe, TrafficMirrorTargetIds=[target], MaxResults=5)


@documented(pages.PAGINATION, "refused: InvalidMaxResults")
def page_size_below_the_limit(trial: Trial) -> str:
    """MaxResults is at least 5."""
    return trial.outcome(TARGET.describe, trial.place.unchecked, MaxResults=4)


@documented(pages.PAGINATION, "refused: InvalidMaxResults")
def page_size_above_the_limit(trial: Trial) -> str:
    """MaxResults is at most 1000."""
    return trial.outcome(TARGET.describe, MaxResults=1001)


@documented(
    pages.ERRORS, "refused: InvalidNextToken", "refused: InvalidPaginationToken"
)
def invented_token(trial: Trial) -> str:
    """A NextToken that no answer contained is refused."""
    return trial.outcome(TARGET.describe, NextToken="invented")


@documented(pages.PAGINATION, "5 + 1, none twice")
def two_pages(trial: Trial) -> str:
    """MaxResults makes pages, which NextToken connects."""
    first, token = _first_page(trial)
    filters = [{"Name": "description", "Values": [trial.calls.run_id]}]
    rest = trial.call(FILTER.describe, Filters=filters, MaxResults=5, NextToken=token)[
        FILTER.members
    ]
    ids = {each[FILTER.id] for each in [*first, *rest]}
    repeated = "none twice" if len(ids) == len(first) + len(rest) else "some twice"
    return f"{len(first)} + {len(rest)}, {repeated}"


@unknown(pages.PAGINATION)
def token_without_the_filters(trial: Trial) -> str:
    """The second page is requested without the filters of the first."""
    _, token = _first_page(trial)
    return trial.outcome(FILTER.describe, MaxResults=5, NextToken=token)


def _first_page(trial: Trial) -> tuple[list[dict[str, str]], str]:
    """Create six filters; return the first five and the token of the next page."""
    created = [trial.filter(Description=trial.calls.run_id) for _ in range(6)]
    by_description = ("description", trial.calls.run_id)
    for each in created:
        trial.finds(FILTER, each[FILTER.id], by_description)
    filters = [{"Name": "description", "Values": [trial.calls.run_id]}]
    page = trial.call(FILTER.describe, Filters=filters, MaxResults=5)
    return page[FILTER.members], str(page.get("NextToken", ""))
