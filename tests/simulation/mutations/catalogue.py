"""All mutations, by what is wrong then."""

from __future__ import annotations

from collections.abc import Mapping

from tests.simulation.mutations import generations, leases, outcomes, queueing, records
from tests.simulation.mutations.patching import Mutation

_MUTATIONS: tuple[Mutation, ...] = (
    leases.no_fence,
    leases.commits_compare_nothing,
    leases.tokens_do_not_change,
    leases.renewed_from_the_answer,
    leases.claimed_from_the_answer,
    leases.no_kill_grace,
    leases.claims_ignore_leases,
    leases.renewals_ignore_owners,
    leases.leases_are_not_renewed,
    leases.lost_claims_are_forgotten,
    leases.lost_take_overs_are_forgotten,
    leases.taken_over_while_at_work,
    leases.stale_owners_stop_the_work,
    outcomes.outcomes_are_dropped,
    outcomes.attempts_stay_open,
    outcomes.cancels_end_at_once,
    outcomes.failures_are_all_final,
    outcomes.users_mistakes_are_retried,
    outcomes.retries_never_end,
    outcomes.refused_tasks_are_not_told,
    queueing.limits_are_not_counted,
    queueing.retries_do_not_wait,
    queueing.users_take_no_turns,
    queueing.blocks_are_not_looked_at,
    records.the_record_wins,
    records.lost_cancels_are_not_seen,
    records.seen_lines_are_forgotten,
    records.shown_lines_are_not_kept_for_later,
    records.no_sweep_when_the_watch_is_back,
    records.refusals_are_not_settled,
    records.submits_begin_anew,
    records.absence_is_always_deletion,
    records.nothing_is_restored,
    records.changes_are_built_on_losses,
    generations.retries_keep_the_generation,
    generations.retries_keep_failures,
    generations.retries_of_anything_that_ended,
    generations.lost_answers_are_retried,
    generations.retries_are_told_by_their_words,
    generations.generations_begin_before_what_is_known,
    generations.late_words_reach_later_generations,
    generations.kept_cancels_reach_later_generations,
)

ALL: Mapping[str, Mutation] = {mutation.__name__.replace("_", " "): mutation for mutation in _MUTATIONS}
