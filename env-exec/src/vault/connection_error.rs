//! What a connection that failed or broke tells, in words for a person who looks for the cause.

use std::error::Error;
use std::io;

use nix::errno::Errno;
use rustls::CertificateError;

use super::error::VaultError;
use super::resolver::ResolveError;
use crate::foreign;

/// What happened, from the depths of a chain of errors: the deepest knows best. `address` is Vault's,
/// for the message.
pub(super) fn explain_connection_error(address: &str, error: &(dyn Error + 'static)) -> VaultError {
    let chain = std::iter::successors(Some(error), |error| inner(*error));
    let address = address.to_owned();
    let unreachable = |reason| VaultError::Unreachable {
        address: address.clone(),
        reason,
    };
    if let Some(error) = chain
        .clone()
        .find_map(|error| error.downcast_ref::<ResolveError>())
    {
        return unreachable(error.to_string());
    }
    if let Some(reason) = chain.clone().find_map(untrusted) {
        return VaultError::Untrusted { address, reason };
    }
    if let Some(reason) = chain.clone().find_map(not_accepted) {
        return VaultError::NotAccepted { address, reason };
    }
    if chain.clone().any(was_closed) {
        return unreachable("the connection was closed without a whole answer".into());
    }
    unreachable(chain.last().map(explained).unwrap_or_default())
}

/// A certificate that does not prove what it must: another attempt would see it again.
fn untrusted(error: &(dyn Error + 'static)) -> Option<String> {
    let rustls::Error::InvalidCertificate(wrong) = error.downcast_ref()? else {
        return None;
    };
    Some(match wrong {
        CertificateError::UnknownIssuer => {
            "its certificate is signed by no CA that is trusted here".into()
        }
        // The type is webpki's, and rustls hands it on as something unknown. The agent takes it.
        CertificateError::Other(error) if error.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate is that of a CA (CA:TRUE), as `openssl req -x509` makes it; issue one \
             that is a server's"
                .into()
        }
        // It names what the certificate says.
        wrong => format!(
            "its certificate is not good: {}",
            foreign::quote(&wrong.to_string())
        ),
    })
}

/// What Vault has against our certificate, or against there being none: it would be the same again.
fn not_accepted(error: &(dyn Error + 'static)) -> Option<String> {
    use rustls::AlertDescription::{
        BadCertificate, CertificateExpired, CertificateRequired, CertificateRevoked,
        CertificateUnknown, UnknownCA, UnsupportedCertificate,
    };
    let rustls::Error::AlertReceived(alert) = error.downcast_ref()? else {
        return None;
    };
    match alert {
        CertificateRequired => Some("wants a TLS client certificate, and none was shown".into()),
        BadCertificate
        | CertificateExpired
        | CertificateRevoked
        | CertificateUnknown
        | UnknownCA
        | UnsupportedCertificate => Some(format!(
            "does not accept the TLS client certificate, or wants one ({alert:?})"
        )),
        _ => None,
    }
}

/// A connection that the other side, or somebody between, has ended. Which of these errors that
/// gives depends on whether we were about to begin, writing or reading just then.
fn was_closed(error: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let of_hyper = error.downcast_ref::<hyper::Error>();
    let of_system = error.downcast_ref().map(io::Error::kind);
    of_hyper.is_some_and(|error| {
        let has_a_cause = error.source().is_some_and(<dyn Error>::is::<hyper::Error>);
        error.is_incomplete_message() || error.is_closed() || (error.is_canceled() && !has_a_cause)
    }) || matches!(
        of_system,
        Some(BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
    )
}

/// One error in words that tell a person where to look.
fn explained(error: &(dyn Error + 'static)) -> String {
    let number = error.downcast_ref().and_then(io::Error::raw_os_error);
    if let Some(number) = number {
        return Errno::from_raw(number).desc().into();
    }
    if matches!(error.downcast_ref(), Some(rustls::Error::InvalidMessage(_))) {
        return "the listener there does not speak TLS".into();
    }
    let text = error.to_string();
    let quoted = foreign::quote(&text);
    // The type is private to hyper-util.
    if text.starts_with("tunnel error: ") {
        return format!("the proxy opens no way to it ({quoted})");
    }
    quoted
}

/// An [`io::Error`] skips what it wraps when it is asked for its source.
fn inner<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use nix::errno::Errno;

    use super::explain_connection_error;

    #[test]
    fn a_connection_that_was_closed_is_told_in_one_way() {
        let told = |error: io::Error| {
            explain_connection_error("http://vault", &io::Error::other(error)).to_string()
        };
        let closed = [Errno::ECONNRESET, Errno::EPIPE, Errno::ECONNABORTED].map(io::Error::from);
        // A session of TLS, or a body, that is not ended as it should be.
        let cut = io::Error::new(io::ErrorKind::UnexpectedEof, "library's words");
        for error in closed.into_iter().chain([cut]) {
            assert_eq!(
                told(error),
                "Vault at http://vault cannot be reached: the connection was closed without a whole answer"
            );
        }
        assert_eq!(
            told(Errno::ECONNREFUSED.into()),
            "Vault at http://vault cannot be reached: Connection refused"
        );
    }
}
