//! Time zones: UTC and fixed offsets. Which offset a place has at a time is not known here.

/// A zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    /// Seconds east of UTC.
    pub(crate) offset: i64,
    name: [u8; Self::LONGEST_NAME],
}

impl Zone {
    const LONGEST_NAME: usize = 8;

    pub(crate) const UTC: Self = Self {
        offset: 0,
        name: *b"UTC\0\0\0\0\0",
    };

    /// A zone with a name of at most 8 bytes, which may be empty.
    pub(crate) fn new(name: &str, offset: i64) -> Option<Self> {
        let mut bytes = [0; Self::LONGEST_NAME];
        bytes
            .get_mut(..name.len())?
            .copy_from_slice(name.as_bytes());
        Some(Self {
            offset,
            name: bytes,
        })
    }

    pub(crate) fn name(&self) -> &str {
        let length = self.name.iter().position(|byte| *byte == 0);
        let bytes = &self.name[..length.unwrap_or(Self::LONGEST_NAME)];
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// The zone of a name as `dateInZone` takes it: UTC by one of its names, `Local` (which is UTC
    /// in a container), a fixed offset such as `+02:00`, or one of the zones of the time zone data
    /// base that are fixed offsets.
    pub(crate) fn find(name: &str) -> Option<Self> {
        let hours = match name {
            "" | "UTC" | "Local" | "Etc/UTC" | "Etc/UCT" | "UCT" | "Zulu" | "Etc/Zulu"
            | "Universal" | "Etc/Universal" => return Some(Self::UTC),
            "GMT" | "Etc/GMT" | "Greenwich" | "Etc/Greenwich" | "GMT0" | "Etc/GMT0" => 0,
            "EST" => -5,
            "MST" => -7,
            "HST" => -10,
            _ => return Self::of_etc(name).or_else(|| Self::of_offset(name)),
        };
        let abbreviation = if hours == 0 { "GMT" } else { name };
        Self::new(abbreviation, hours * 3600)
    }

    /// `Etc/GMT+5` is five hours *west* of Greenwich, as POSIX has it.
    fn of_etc(name: &str) -> Option<Self> {
        let (sign, hours) = name.strip_prefix("Etc/GMT")?.split_at_checked(1)?;
        let hours: i64 = hours
            .parse()
            .ok()
            .filter(|hours: &i64| hours.to_string() == name[8..])?;
        let (direction, range) = match sign {
            "+" => (-1, 0..=12),
            "-" => (1, 0..=14),
            _ => return None,
        };
        if !range.contains(&hours) {
            return None;
        }
        let abbreviation = match hours * direction {
            0 => "GMT".to_owned(),
            hours => format!("{hours:+03}"),
        };
        Self::new(&abbreviation, hours * direction * 3600)
    }

    /// `+02:00` or `-0330`
    fn of_offset(name: &str) -> Option<Self> {
        let direction = match name.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let digits = name[1..].replacen(':', "", 1);
        let well_formed = digits.len() == 4
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && (name.len() == 5 || name.as_bytes()[3] == b':');
        let number: i64 = digits.parse().ok().filter(|_| well_formed)?;
        let (hours, minutes) = (number / 100, number % 100);
        if hours > 14 || minutes > 59 {
            return None;
        }
        Self::new("", direction * (hours * 60 + minutes) * 60)
    }
}
