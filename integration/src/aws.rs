//! AWS's IAM and STS as far as a login needs them: the server of the library moto, which checks the
//! signature of a request with the key of the user who made it.

use std::io;
use std::process::Command;
use std::time::Duration;

use reqwest::blocking::Client;
use tempfile::TempDir;
use thiserror::Error;

use crate::http::{self, describe_error};
use crate::network::{free_port, start_on_free_ports};
use crate::process::{Background, ProcessError};
use crate::temp;
use crate::tools::{self, Tool, ToolError};
use crate::wait::{Probe, WaitError, wait_for};

const LIMIT: Duration = Duration::from_secs(60);

/// What makes a request one to IAM. Its signature is not looked at yet.
const TO_IAM: &str = "AWS4-HMAC-SHA256 Credential=none/20260101/us-east-1/iam/aws4_request, \
                      SignedHeaders=host, Signature=none";

/// A running server. It ends when this is dropped.
pub struct Aws {
    // Before the directory that it works in.
    process: Background,
    _files: TempDir,
    url: String,
    client: Client,
}

/// A user and an access key of it.
pub struct User {
    /// `arn:aws:iam::ACCOUNT:user/NAME`.
    pub arn: String,
    /// The id of the access key.
    pub key_id: String,
    /// Its secret.
    pub secret: String,
}

/// A server that could not be started, or that refuses.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum AwsError {
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{}", describe_error(.0))]
    Http(#[from] reqwest::Error),
    #[error("{action} gave no {field}:\n{answer}")]
    Answer {
        action: &'static str,
        field: &'static str,
        answer: String,
    },
    #[error("{wait}; the end of its log:\n{log}")]
    Start { wait: WaitError, log: String },
}

debug_is_display!(AwsError);

impl Aws {
    /// Starts one that knows these users, and nobody else.
    pub fn start<const USERS: usize>(
        names: [&str; USERS],
    ) -> Result<(Self, [User; USERS]), AwsError> {
        let lost = |error: &AwsError| match error {
            AwsError::Start { log, .. } => log.contains("in use"),
            _ => false,
        };
        let aws = start_on_free_ports(|| Self::start_once(USERS), lost)?;
        let mut users = Vec::new();
        for name in names {
            users.push(aws.create_user(name)?);
        }
        let users = users.try_into().unwrap_or_else(|_| unreachable!());
        Ok((aws, users))
    }

    fn start_once(users: usize) -> Result<Self, AwsError> {
        let moto = tools::find_tool(Tool::MotoServer)?;
        let files = temp::create_directory("aws")?;
        let port = free_port()?;
        let mut command = Command::new(moto);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        // So many requests are taken from anybody: those that make the users.
        let unsigned = 2 * users;
        command.env("INITIAL_NO_AUTH_ACTION_COUNT", unsigned.to_string());
        let process = Background::start(&mut command, &files.path().join("moto.log"))?;
        let aws = Self {
            process,
            _files: files,
            url: format!("http://127.0.0.1:{port}"),
            client: http::build_client("")?,
        };
        wait_for("AWS", LIMIT, || aws.probe_readiness()).map_err(|wait| AwsError::Start {
            wait,
            log: aws.process.log_tail(),
        })?;
        Ok(aws)
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn probe_readiness(&self) -> Probe<()> {
        match self.client.get(format!("{}/moto-api/", self.url)).send() {
            Ok(_) => Probe::Ready(()),
            Err(error) if self.process.is_running() => Probe::NotYet(error.to_string()),
            Err(error) => Probe::Failed(error.to_string()),
        }
    }

    fn create_user(&self, name: &str) -> Result<User, AwsError> {
        let user = self.ask_iam("CreateUser", name)?;
        let key = self.ask_iam("CreateAccessKey", name)?;
        Ok(User {
            arn: read_element(&user, "CreateUser", "Arn")?,
            key_id: read_element(&key, "CreateAccessKey", "AccessKeyId")?,
            secret: read_element(&key, "CreateAccessKey", "SecretAccessKey")?,
        })
    }

    fn ask_iam(&self, action: &'static str, user: &str) -> Result<String, AwsError> {
        let body = format!("Action={action}&UserName={user}&Version=2010-05-08");
        let request = self.client.post(&self.url);
        let request = request.header("Authorization", TO_IAM).body(body);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        Ok(request.send()?.text()?)
    }
}

/// The text of an element that an answer has once.
fn read_element(
    answer: &str,
    action: &'static str,
    field: &'static str,
) -> Result<String, AwsError> {
    let (open, close) = (format!("<{field}>"), format!("</{field}>"));
    let rest = answer.split_once(&open).map(|(_, rest)| rest);
    let text = rest.and_then(|rest| rest.split_once(&close));
    match text {
        Some((text, _)) => Ok(text.to_owned()),
        None => Err(AwsError::Answer {
            action,
            field,
            answer: answer.to_owned(),
        }),
    }
}
