//! The loader that a program of 64 or 32 bits names, in either byte order. Total: any bytes may come.

/// Kind of the segment that holds the loader's name.
const PT_INTERP: u64 = 3;

/// The text of that segment.
pub(super) fn loader(head: &[u8]) -> Option<&[u8]> {
    let elf = Elf::new(head)?;
    let (table, size, count) = elf.table()?;
    let start_of = |index: u64| table.checked_add(index.checked_mul(size)?);
    (0..count).filter_map(start_of).find_map(|start| {
        if elf.number(start, 4)? != PT_INTERP {
            return None;
        }
        let (offset, length) = elf.segment(start)?;
        let end = offset.checked_add(length)?;
        let text = head.get(usize::try_from(offset).ok()?..usize::try_from(end).ok()?)?;
        text.strip_suffix(b"\0")
    })
}

struct Elf<'h> {
    head: &'h [u8],
    is_64: bool,
    is_little: bool,
}

impl<'h> Elf<'h> {
    fn new(head: &'h [u8]) -> Option<Self> {
        let rest = head.strip_prefix(b"\x7fELF")?;
        Some(Self {
            head,
            is_64: *rest.first()? == 2,
            is_little: *rest.get(1)? == 1,
        })
    }

    fn number(&self, offset: u64, length: usize) -> Option<u64> {
        let start = usize::try_from(offset).ok()?;
        let bytes = self.head.get(start..start.checked_add(length)?)?;
        let join = |number: u64, byte: &u8| (number << 8) | u64::from(*byte);
        Some(if self.is_little {
            bytes.iter().rev().fold(0, join)
        } else {
            bytes.iter().fold(0, join)
        })
    }

    /// Where the program headers are, how long each is, and how many.
    fn table(&self) -> Option<(u64, u64, u64)> {
        Some(if self.is_64 {
            (
                self.number(32, 8)?,
                self.number(54, 2)?,
                self.number(56, 2)?,
            )
        } else {
            (
                self.number(28, 4)?,
                self.number(42, 2)?,
                self.number(44, 2)?,
            )
        })
    }

    /// Where the segment of a program header is in the file, and how long.
    fn segment(&self, header: u64) -> Option<(u64, u64)> {
        let at = |offset: u64, length| self.number(header.checked_add(offset)?, length);
        Some(if self.is_64 {
            (at(8, 8)?, at(32, 8)?)
        } else {
            (at(4, 4)?, at(16, 4)?)
        })
    }
}
