//! Schedules of cron in the words of systemd: the real `systemd-analyze` is asked when they come.
#![cfg(unix)]

use infragen::values::{Cron, Scalar};
use std::process::Command;

const SCHEDULES: &[&str] = &[
    "0 3 * * *",
    "*/15 8-18 * * MON-FRI",
    "0 0 1,15 * 7",
    "30 4 */10 * *",
    "5/20 0-23/7 * * *",
    "0 12 29 2 *",
    "0 0 13 * FRI",
    "59 23 31 * *",
    "0 6 * JAN,jul-SEP SUN",
    "10,20,30,40 1 1-7 * SAT-SUN",
    "* 5 * 12 *",
    "0 0 31 1-12/2 *",
    "0 0 * * 0-6/3",
    "7 7 7 7 7",
    "0 4 28-31 2 6",
    "0 9 * * 5-7",
    "0 0 30 2 MON",
];

/// From here on; how many times are compared.
const BASE: &str = "2036-01-01 00:00:00 UTC";
const COUNT: usize = 12;

/// What systemd says: times such as `2036-01-01 03:00`, sorted.
fn asked(lines: &[String]) -> Option<Vec<String>> {
    let mut times = Vec::new();
    for line in lines {
        let iterations = format!("--iterations={COUNT}");
        let output = Command::new("systemd-analyze").args(["calendar", "--base-time", BASE, &iterations, line]).env("TZ", "UTC").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{line}: {text}{}", String::from_utf8_lossy(&output.stderr));
        let found = text.lines().filter(|line| line.contains("Next elapse:") || line.contains("Iter. #") || line.contains("Iteration #"));
        times.extend(
            found
                .filter_map(|line| line.split_once(": "))
                .map(|(_, time)| time.trim().split_once(' ').map_or(String::new(), |(_, rest)| rest[..16].to_owned())),
        );
    }
    times.sort();
    times.dedup();
    times.truncate(COUNT);
    Some(times)
}

/// One field, by trying: a step counts from where its range starts, and ends where the field does.
fn has(field: &str, number: u32, low: u32, high: u32, names: &str) -> bool {
    let value = |word: &str| word.parse().unwrap_or_else(|_| low + u32::try_from(names.find(&word.to_uppercase()).expect("a name") / 3).expect("small"));
    field.split(',').any(|part| {
        let (range, step) = part.split_once('/').map_or((part, 1), |(range, step)| (range, step.parse().expect("a number")));
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (value(from), if names.starts_with("SUN") && value(to) == 0 { 7 } else { value(to) }),
            None if range == "*" => (low, high),
            None => (value(range), if part.contains('/') { high } else { value(range) }),
        };
        (from..=to).step_by(step).any(|one| one == number || (names.starts_with("SUN") && one == 7 && number == 0))
    })
}

/// The same by cron's rules, minute by minute.
fn expected(schedule: &str) -> Vec<String> {
    let fields: Vec<&str> = schedule.split(' ').collect();
    let months = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
    let mut times = Vec::new();
    // The first of January 2036 is a Tuesday.
    let mut weekday = 2;
    for year in 2036_u32..2100 {
        let leap = year % 4 == 0;
        for (month, length) in (1..).zip([31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]) {
            for day in 1..=length {
                let by_day = has(fields[2], day, 1, 31, "");
                let by_weekday = has(fields[4], weekday, 0, 6, "SUNMONTUEWEDTHUFRISAT");
                let comes = match (fields[2] == "*", fields[4] == "*") {
                    (false, false) => by_day || by_weekday,
                    _ => by_day && by_weekday,
                };
                if comes && has(fields[3], month, 1, 12, months) {
                    for hour in (0..24).filter(|hour| has(fields[1], *hour, 0, 23, "")) {
                        for minute in (0..60).filter(|minute| has(fields[0], *minute, 0, 59, "")) {
                            times.push(format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}"));
                        }
                    }
                }
                weekday = (weekday + 1) % 7;
            }
        }
        // The base time itself is not after it.
        times.retain(|time| time != "2036-01-01 00:00");
        if times.len() > COUNT {
            break;
        }
    }
    times.truncate(COUNT);
    times
}

#[test]
#[ignore = "needs systemd-analyze"]
fn systemd_agrees() {
    let mut count = 0;
    for schedule in SCHEDULES {
        let lines = Cron::parse(schedule).expect(schedule).for_systemd();
        let Some(times) = asked(&lines) else {
            println!("skip  systemd-analyze calendar  (it is not installed)");
            return;
        };
        assert_eq!(times, expected(schedule), "{schedule}: {lines:?}");
        count += 1;
    }
    println!("ok    schedules: {count} of {} come when cron says", SCHEDULES.len());
}
