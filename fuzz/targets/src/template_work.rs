//! What a template costs, however it is written.

use std::sync::OnceLock;
use std::time::Duration;

use templates::{Clock, Data, Template};

/// Longest time on a core, in a build for tests.
const LONGEST: Duration = Duration::from_millis(500);

/// The same for a fuzzer's build, which counts every branch and checks every access.
const LONGEST_INSTRUMENTED: Duration = Duration::from_secs(10);

/// Most memory at once, in bytes.
const MOST_MEMORY: u64 = 64 * 1024 * 1024;

/// A template is parsed and rendered, or refused, within its time and its memory.
pub fn template_work(bytes: &[u8]) {
    check_cost(bytes, LONGEST);
}

/// The same in a fuzzer's build.
pub fn template_work_instrumented(bytes: &[u8]) {
    check_cost(bytes, LONGEST_INSTRUMENTED);
}

fn check_cost(bytes: &[u8], longest: Duration) {
    let Ok(source) = str::from_utf8(bytes) else {
        return;
    };
    let data = data();
    let cost = || {
        let started = ran();
        let memory = allocation_counter::measure(|| {
            let rendered = Template::parse(source)
                .and_then(|template| template.render(data, Clock::default()));
            drop(rendered);
        });
        (ran().saturating_sub(started), memory.bytes_max)
    };
    let (mut time, memory) = cost();
    // What a busy machine does once it does not do each time.
    for _ in 0..4 {
        if time > longest {
            time = time.min(cost().0);
        }
    }
    assert!(time <= longest, "{time:?}: {source}");
    assert!(memory <= MOST_MEMORY, "{memory} bytes: {source}");
}

/// How long this thread has run on a core.
pub fn ran() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(time.tv_sec.cast_unsigned(), nanoseconds)
}

/// Values that are long enough for a function to be slow on them.
fn data() -> &'static Data {
    static DATA: OnceLock<Data> = OnceLock::new();
    DATA.get_or_init(|| {
        let items: Vec<_> = (0..5000).collect();
        let keys = items.iter().map(|item| (format!("{item:0>16}"), (*item).into()));
        let json = serde_json::json!({
            "text": "a".repeat(200_000), "half": format!("{}b", "a".repeat(100_000)),
            "wide": "ü€".repeat(20_000), "lines": "a b\n".repeat(20_000), "num": 5, "float": 1.5,
            "list": items, "texts": vec!["x".repeat(50); 1000], "empties": vec![""; 5000],
            "map": keys.collect::<serde_json::Map<_, _>>(), "json": format!("[{}[]]", "{\"a\":[]},".repeat(20_000)),
            "path": "a/../".repeat(20_000), "b64": "aGVsbG8=", "none": null,
        });
        serde_json::from_value(json).expect("it is an object")
    })
}
