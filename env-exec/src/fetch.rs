//! Everything that is asked of Vault: each question once, several at a time.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _};
use templates::Request;

use crate::inquiry::Inquiry;
use crate::vault::{Answer, VaultError};

/// Requests at a time, each on a connection that is kept. 50 paths then take five round trips, of
/// which one makes the connections; with 8 at a time they took eight, and no less of Vault's time.
const AT_A_TIME: usize = 13;

/// What was asked, and what came back.
pub(crate) type Fetched = BTreeMap<Request, Result<Answer, VaultError>>;

/// Asks all questions. A token that is not valid is the answer to all of them, and ends it.
pub(crate) async fn all(inquiry: &Inquiry, requests: &[&Request]) -> Result<Fetched, VaultError> {
    let asked = requests.iter().map(|&request| async move {
        let answer = inquiry.ask(|| inquiry.vault().ask(request)).await;
        (request.clone(), answer)
    });
    let mut answers = stream::iter(asked).buffer_unordered(AT_A_TIME);
    let mut fetched = Fetched::new();
    while let Some((request, answer)) = answers.next().await {
        if matches!(answer, Err(VaultError::InvalidToken)) {
            return Err(VaultError::InvalidToken);
        }
        fetched.insert(request, answer);
    }
    Ok(fetched)
}
