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

/// The medians of both sides of pairs.
pub(crate) fn medians(pairs: &[(f64, f64)]) -> (f64, f64) {
    (median(pairs.iter().map(|pair| pair.0)), median(pairs.iter().map(|pair| pair.1)))
}

/// One figure.
pub(crate) struct Row {
    pub(crate) figure: &'static str,
    pub(crate) app: String,
    pub(crate) bare: String,
    pub(crate) compared: String,
    pub(crate) target: &'static str,
    pub(crate) met: bool,
}

/// The figures in Markdown.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = "| figure | app | bare window | compared | target | met |\n".to_owned();
    text.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for Row { figure, app, bare, compared, target, met } in rows {
        let met = if *met { "yes" } else { "no" };
        text.push_str(&format!("| {figure} | {app} | {bare} | {compared} | {target} | {met} |\n"));
    }
    text
}
