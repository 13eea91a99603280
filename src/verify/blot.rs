//! What no report shows: the token, wherever a server says it back.

use crate::verify::exchange::{Exchange, HIDDEN, Outcome as Ending};
use crate::verify::{Finding, Left, Report};

impl Report {
    /// The report without `secret`: in what was sent, what came, what was found, and what is left.
    pub(crate) fn without(mut self, secret: &str) -> Self {
        if secret.is_empty() {
            return self;
        }
        let blot = |text: &mut String| {
            if text.contains(secret) {
                *text = text.replace(secret, HIDDEN);
            }
        };
        for outcome in &mut self.outcomes {
            match &mut outcome.finding {
                Finding::Failed(fault) => [&mut fault.expected, &mut fault.got].into_iter().for_each(blot),
                Finding::Skipped(why) => blot(why),
                Finding::Passed | Finding::Person => {}
            }
            outcome.exchanges.iter_mut().flat_map(texts).for_each(blot);
        }
        self.left.iter_mut().flat_map(|Left { what, why }| [what, why]).for_each(blot);
        self
    }
}

/// Every text of an exchange.
fn texts(exchange: &mut Exchange) -> Vec<&mut String> {
    let mut texts = vec![&mut exchange.target];
    texts.extend(&mut exchange.sent);
    match &mut exchange.outcome {
        Ending::Answered { headers, body, .. } => {
            texts.extend(headers.iter_mut().map(|(_, value)| value));
            texts.push(body);
        }
        Ending::Lost(why) => texts.push(why),
    }
    texts
}
