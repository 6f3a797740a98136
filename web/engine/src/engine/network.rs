//! What an answer of the server means for the cycle that asked.

use crate::http::{NoAnswer, Suspect, Verdict};
use crate::push::{self, Due, Outcome};
use crate::{Answer, Effect, EffectId, Moment, TransportFault};
use protocol::OperationId;
use protocol::planted::Bug;

use super::Engine;
use super::cycle::{Cycle, Stage};
use super::pull::Pull;

impl Engine {
    pub(super) fn answered(
        &mut self,
        effect: EffectId,
        result: &Result<Answer, TransportFault>,
        now: Moment,
    ) {
        let Some(cycle) = &mut self.cycle else { return };
        if cycle.waits_for().is_none_or(|(awaited, _)| awaited != effect) {
            return;
        }
        match std::mem::replace(&mut cycle.stage, Stage::Choosing) {
            Stage::Sending(sent) => self.batch_answered(sent.what, Verdict::of(result), now),
            Stage::Pulling(Pull::Waiting(sent)) => {
                let date = result.as_ref().ok().and_then(Answer::date);
                self.page_answered(sent.what, Verdict::of(result), date, now);
            }
            Stage::Pulling(Pull::WaitingPart(sent)) => {
                self.part_answered(sent.what, Verdict::of(result), now);
            }
            // A login is answered by its own event.
            stage => cycle.stage = stage,
        }
    }

    fn batch_answered(&mut self, batch: Vec<OperationId>, verdict: Verdict, now: Moment) {
        match verdict {
            Verdict::Data(data) => {
                self.note_data();
                self.batch_limit.succeeded();
                let data = protocol::json::from_str(&data).unwrap_or_default();
                self.set_stage(Stage::Recording(push::outcomes(&batch, &data)));
            }
            Verdict::Refused { code, message } => {
                self.contact.note_success();
                if let [only] = batch.as_slice() {
                    let outcome = Outcome::Failed { code: Some(code), message };
                    self.set_stage(Stage::Recording(vec![(only.clone(), outcome)]));
                } else {
                    self.halve(&batch);
                }
            }
            Verdict::Unauthorised => self.refresh_login(Stage::Marking(batch), now),
            Verdict::ClientTooOld => self.client_too_old(now),
            Verdict::Gone => self.batch_unanswered(&batch, NoAnswer::unexpected(), now),
            Verdict::Nothing(no_answer) => self.batch_unanswered(&batch, no_answer, now),
        }
    }

    /// An operation that breaks the server, or that something on the way does not let pass, must not
    /// hold up the others: batches shrink until it is alone, and then it waits by itself. A server
    /// that fails is asked for less in the next cycle; a filter that answers at once is asked for
    /// the halves in this one, up to [`PUSH_FAILURES_MAX`](super::cycle) answers of its kind.
    fn batch_unanswered(&mut self, batch: &[OperationId], no_answer: NoAnswer, now: Moment) {
        let asked_for_patience = no_answer.retry_after_ms.is_some();
        self.note_no_answer(&no_answer, now);
        self.set_pull(Pull::Entering);
        if no_answer.suspect == Suspect::Connection || asked_for_patience {
            return;
        }
        self.batch_limit.failed(batch.len());
        if !self.may_push_on() {
            return;
        }
        if let [only] = batch {
            if no_answer.suspect == Suspect::Contents {
                self.contact.note_isolated();
            }
            let outcome = Outcome::Unanswered { message: no_answer.message };
            self.set_stage(Stage::Recording(vec![(only.clone(), outcome)]));
        } else if no_answer.suspect == Suspect::Contents {
            self.halve(batch);
        }
    }

    /// The server has answered with what was asked for.
    pub(super) fn note_data(&mut self) {
        self.contact.note_success();
        self.too_old = false;
        self.last_error = None;
    }

    /// A cycle of somebody who may not read in which nothing failed, and that has left nothing to
    /// send: whatever went wrong earlier, when there was still something to ask or to store, says
    /// nothing any more. So it is where another tab has the lock: it would do the same.
    pub(super) fn note_nothing_to_ask(&mut self) {
        let may_read = self.signed_in.as_ref().is_some_and(crate::SignedIn::may_read);
        let nothing_left = push::choose(&self.queue, |_| true, 1, Due::All).is_empty();
        if !may_read && nothing_left && self.contact.nothing_failed() {
            self.contact.reached = true;
            self.storage_fault = None;
        }
    }

    pub(super) fn note_no_answer(&mut self, no_answer: &NoAnswer, now: Moment) {
        self.contact.note_failure(no_answer.reached, no_answer.retry_after_ms, now);
        self.last_error = Some(no_answer.message.clone());
    }

    /// A 401: once in a cycle a new token is asked for; after that it counts as no answer.
    pub(super) fn refresh_login(&mut self, resume: Stage, now: Moment) {
        if Bug::CollapsedUnauthorisedBelieved.is_planted() && matches!(resume, Stage::Pulling(_)) {
            self.login = crate::login::Login::PasswordNeeded;
        }
        if !self.login.may_refresh() {
            self.contact.note_failure(true, None, now);
            return self.end_cycle(now);
        }
        let Some(account) = self.account() else { return };
        let effect = self.next_effect();
        let deadline = now.elapsed.plus(REFRESH_DEADLINE_MS);
        self.effects.push(Effect::RefreshLogin { effect, account });
        self.set_stage(Stage::Refreshing { effect, deadline, resume: Box::new(resume) });
    }

    pub(super) fn client_too_old(&mut self, now: Moment) {
        if !self.too_old {
            self.effects.push(Effect::UpdateApp);
        }
        self.too_old = true;
        self.contact.note_failure(true, None, now);
        self.end_cycle(now);
    }

    /// A request past its deadline is answered by the clock.
    pub(super) fn give_up_late_requests(&mut self, now: Moment) {
        let Some((effect, deadline)) = self.cycle.as_ref().and_then(Cycle::waits_for) else {
            return;
        };
        if now.elapsed < deadline {
            return;
        }
        self.effects.push(Effect::Abort(effect));
        let is_login =
            matches!(self.cycle.as_ref().map(|cycle| &cycle.stage), Some(Stage::Refreshing { .. }));
        if is_login {
            self.login_answered(effect, Err(crate::RefreshFault::Unreachable), now);
        } else {
            self.answered(effect, &Err(TransportFault::Timeout), now);
        }
    }
}

impl NoAnswer {
    pub(super) fn unexpected() -> Self {
        Self::because(UNEXPECTED)
    }

    /// The server was reached, but what it says is not believed.
    pub(super) fn because(message: &str) -> Self {
        let message = message.to_owned();
        Self { reached: true, suspect: Suspect::Request, message, retry_after_ms: None }
    }
}

const UNEXPECTED: &str = "El servidor respondió algo inesperado.";
const REFRESH_DEADLINE_MS: u64 = 20_000;
