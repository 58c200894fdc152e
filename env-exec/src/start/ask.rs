//! What one start asks of Vault.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future;
use secrecy::ExposeSecret as _;
use templates::{Data, Request, Value};

use super::network::Network;
use super::token_place::TokenPlace;
use super::warnings;
use crate::environment::{Environment, SecretBytes};
use crate::fetch;
use crate::inquiry::Inquiry;
use crate::lease::Life;
use crate::patience::Patience;
use crate::redactor::Kind;
use crate::references::References;
use crate::render::{self, Answers, TransitError};
use crate::report::Reporter;
use crate::settings::Settings;
use crate::signals::Signals;
use crate::stop::Stop;
use crate::token::{Token, Wrapped};
use crate::vault::{Answer, Vault, VaultError};

/// How long the program waits for the end of its token, which ends by itself, and how often that is
/// asked for again.
const REVOCATION: (Duration, usize) = (Duration::from_secs(3), 2);

/// The conversation with Vault, if there is one, and what came of it.
#[derive(Default)]
pub(super) struct Session<'a> {
    connection: Option<Connection<'a>>,
    answers: Answers,
    /// The redactor knows the values.
    is_taught: Cell<bool>,
}

struct Connection<'a> {
    network: Network<'a>,
    inquiry: Inquiry,
    skip_verify: bool,
}

impl<'a> Session<'a> {
    /// Prepares it. For the token alone nobody is asked, and no setting is needed, unless it
    /// travelled wrapped.
    pub(super) fn open(
        settings: &Settings,
        environment: &Environment,
        references: &References,
        place: &TokenPlace,
        token: Token,
        signals: &'a Signals,
        report: &Reporter,
    ) -> Result<Self, Stop> {
        let wrapped = Wrapped::find(&token)?;
        if !references.want_vault() && wrapped.is_none() {
            return Ok(Self::with(token, None));
        }
        let mount = settings.wrapped_by();
        let settings = settings.vault(environment)?;
        if let Some(identity) = &settings.identity {
            report.learn(Kind::Credential, identity.key.1.expose_secret());
        }
        let network = Network::new(signals)?;
        let patience = Patience::new(settings.deadline, settings.max_retries);
        let (token, vault) = match wrapped {
            None => {
                let vault = Vault::new(&settings, &token)?;
                (token, vault)
            }
            Some(wrapped) => {
                place.check_can_unwrap()?;
                report.learn(Kind::Credential, wrapped.token.expose());
                let vault = Vault::new(&settings, &wrapped.token)?;
                let inquiry = Inquiry::new(vault, patience);
                let token = network.run(unwrap(&inquiry, &wrapped, mount))?;
                report.learn(Kind::Credential, token.expose());
                place.unwrapped(&token)?;
                let vault = inquiry.into_vault().with_token(&token);
                (token, vault)
            }
        };
        let connection = Connection {
            network,
            inquiry: Inquiry::new(vault, patience),
            skip_verify: settings.skip_verify,
        };
        Ok(Self::with(token, Some(connection)))
    }

    fn with(token: Token, connection: Option<Connection<'a>>) -> Self {
        let answers = Answers {
            token: Some(token),
            ..Answers::default()
        };
        Self {
            connection,
            answers,
            is_taught: Cell::default(),
        }
    }

    /// Asks everything that the references want to know.
    pub(super) fn ask(
        &mut self,
        settings: &Settings,
        references: &References,
        report: &Reporter,
    ) -> Result<(), Stop> {
        let Some(Connection {
            network, inquiry, ..
        }) = &self.connection
        else {
            return Ok(());
        };
        let requests = references.requests();
        for request in &requests {
            if let Request::Write { body, .. } = request {
                learn_json(report, body.expose());
            }
        }
        let ciphertexts = references.ciphertexts();
        let answers = &mut self.answers;
        network.run(async {
            let fetch = fetch::all(inquiry, &requests);
            let decrypt = decrypt(inquiry, settings, &ciphertexts);
            (answers.fetched, answers.plaintexts) = future::try_join(fetch, decrypt).await?;
            if render::leases(&answers.fetched).next().is_some() {
                answers.token_ttl = inquiry.ask(|| inquiry.vault().token_ttl()).await;
            }
            Ok(())
        })
    }

    /// What came of it.
    pub(super) fn answers(&self) -> &Answers {
        &self.answers
    }

    /// Has the redactor know what was read, before somebody else's words are reported. Not before
    /// that: it would be a second copy of all values in every start.
    pub(super) fn teach(&self, report: &Reporter) {
        if self.is_taught.replace(true) {
            return;
        }
        for answer in self.answers.fetched.values() {
            if let Ok(Answer::Found(secret)) = answer {
                learn_fields(report, &secret.data);
            }
        }
        for plaintext in self.answers.plaintexts.values().flatten() {
            report.learn(Kind::Value, plaintext.expose_secret());
        }
    }

    /// Tells what is good to know although nothing failed.
    pub(super) fn tell(&self, report: &Reporter) {
        if self
            .connection
            .as_ref()
            .is_some_and(|connection| connection.skip_verify)
        {
            report.warning(warnings::NOT_VERIFIED);
        }
        for (request, answer) in &self.answers.fetched {
            if let Ok(Answer::Found(secret)) = answer
                && let Some(warnings) = &secret.warnings
            {
                self.teach(report);
                report.warning(&format!("Vault warns about `{}`{warnings}", request.path()));
            }
        }
        for (request, lease) in render::leases(&self.answers.fetched) {
            let path = request.path();
            match &self.answers.token_ttl {
                Ok(token) => {
                    let life = Life::new(lease, *token);
                    report.information(&format!(
                        "`{path}` is leased and lives {life}, without renewal"
                    ));
                }
                Err(error) => {
                    self.teach(report);
                    report.warning(&warnings::describe_unknown_life(path, error));
                }
            }
        }
    }

    /// Revokes the token, unless that would end a lease. Failure is no reason not to start.
    pub(super) fn revoke(&self, report: &Reporter) -> Result<(), Stop> {
        let Some(connection) = &self.connection else {
            return Ok(());
        };
        if render::leases(&self.answers.fetched).next().is_some() {
            return Ok(());
        }
        let (total, max_retries) = REVOCATION;
        let inquiry = &connection.inquiry;
        let patience = inquiry.patience().at_most(total, max_retries);
        let revoke = inquiry.ask_within(patience, || inquiry.vault().revoke_token());
        connection.network.run(async {
            if let Err(error) = revoke.await {
                self.teach(report);
                report.warning(&format!("the token could not be revoked: {error}"));
            }
            Ok(())
        })
    }
}

/// Every text and number below these fields.
fn learn_fields(report: &Reporter, data: &Data) {
    data.iter()
        .for_each(|(_, value)| learn_value(report, value));
}

fn learn_value(report: &Reporter, value: &Value) {
    match value {
        Value::Number(text) | Value::Text(text) => {
            report.learn(Kind::Value, text.expose_secret());
        }
        Value::List(items) => items.iter().for_each(|item| learn_value(report, item)),
        Value::Map(fields) => learn_fields(report, fields),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Every text and number of what is written.
fn learn_json(report: &Reporter, body: &str) {
    // A body is an object of JSON, and Vault's fields are read from no other.
    if let Ok(fields) = serde_json::from_str(body) {
        learn_fields(report, &fields);
    }
}

type Plaintexts = BTreeMap<String, Result<SecretBytes, TransitError>>;

/// Trades a wrapping token for the one that it wraps. If Vault does not know it, somebody else may have
/// the other: that is reported, and no reason for another login.
async fn unwrap(
    inquiry: &Inquiry,
    wrapped: &Wrapped,
    mount: Option<&str>,
) -> Result<Token, VaultError> {
    let request = || inquiry.vault().unwrap(wrapped, mount);
    inquiry.ask(request).await.map_err(|error| match error {
        VaultError::InvalidToken => Vault::spent(wrapped),
        error => error,
    })
}

/// Decrypts all ciphertexts in one request. A batch of which one fails is not lost.
async fn decrypt(
    inquiry: &Inquiry,
    settings: &Settings,
    ciphertexts: &[&str],
) -> Result<Plaintexts, VaultError> {
    let each = |result: Result<_, TransitError>| {
        ciphertexts
            .iter()
            .map(|text| ((*text).to_owned(), result.clone()))
            .collect()
    };
    let transit = settings.transit.as_ref();
    let Some(path) = transit.filter(|_| !ciphertexts.is_empty()) else {
        return Ok(Plaintexts::new());
    };
    let request = || inquiry.vault().decrypt(path, ciphertexts);
    match inquiry.ask(request).await {
        Ok(plaintexts) => Ok(ciphertexts
            .iter()
            .zip(plaintexts)
            .map(|(text, plaintext)| ((*text).to_owned(), plaintext.map_err(TransitError::Refused)))
            .collect()),
        Err(VaultError::InvalidToken) => Err(VaultError::InvalidToken),
        Err(error) => Ok(each(Err(error.into()))),
    }
}
