//! Medians, and the table they are shown in.

/// The middle of the values; of an even number of them, the mean of the two in the middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

/// The greatest of the values.
pub(crate) fn worst(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::MIN, f64::max)
}

/// The ratios of pairs that were measured one after the other.
pub(crate) fn ratios(pairs: &[(f64, f64)]) -> impl Iterator<Item = f64> {
    pairs.iter().map(|(app, bare)| app / bare)
}

/// One figure.
pub(crate) struct Row {
    pub(crate) figure: &'static str,
    pub(crate) app: String,
    pub(crate) bare: String,
    pub(crate) compared: String,
    pub(crate) target: &'static str,
}

/// The figures in Markdown.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text =
        "| figure | app | bare window | compared | target |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for Row { figure, app, bare, compared, target } in rows {
        text.push_str(&format!("| {figure} | {app} | {bare} | {compared} | {target} |\n"));
    }
    text
}
