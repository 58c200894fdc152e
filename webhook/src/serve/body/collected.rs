//! What has come of a body.

use actix_web::web::Bytes;

/// What has come of a body.
#[derive(Default)]
pub(super) enum Collected {
    #[default]
    Nothing,
    /// All of it at once, as of a usual review. It is not copied.
    Whole(Bytes),
    Pieces(Vec<u8>),
}

impl Collected {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Whole(bytes) => bytes.len(),
            Self::Pieces(bytes) => bytes.len(),
        }
    }

    /// Memory is reserved once, because a buffer that grows holds a body three times at its last step;
    /// the kernel gives it when it is written to.
    pub(super) fn add(&mut self, chunk: Bytes, length: usize) {
        match self {
            Self::Nothing if chunk.len() >= length => *self = Self::Whole(chunk),
            Self::Nothing => {
                let mut bytes = Vec::with_capacity(length);
                bytes.extend_from_slice(&chunk);
                *self = Self::Pieces(bytes);
            }
            Self::Whole(bytes) => *self = Self::Pieces([bytes.as_ref(), &chunk].concat()),
            Self::Pieces(bytes) => bytes.extend_from_slice(&chunk),
        }
    }
}

impl From<Collected> for Bytes {
    fn from(collected: Collected) -> Self {
        match collected {
            Collected::Nothing => Self::new(),
            Collected::Whole(bytes) => bytes,
            Collected::Pieces(bytes) => bytes.into(),
        }
    }
}
