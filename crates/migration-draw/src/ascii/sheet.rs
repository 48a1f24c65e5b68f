//! The sheet that a picture is written on: rows of characters, and the columns that everything keeps to.

/// Rows of characters, from the top.
pub(super) struct Sheet {
    rows: Vec<Vec<char>>,
    /// The column of the first box.
    pub(super) left: usize,
    /// Where the happy path goes down.
    pub(super) spine: usize,
    /// The width of the boxes on it.
    pub(super) box_width: usize,
    /// Where branches start.
    pub(super) tree: usize,
}

impl Sheet {
    /// An empty sheet with room for so many brackets beside each other, and for boxes of this width.
    pub(super) fn new(brackets: usize, box_width: usize) -> Sheet {
        let left = brackets * 2 + 1;
        Sheet { rows: Vec::new(), left, spine: left + 3, box_width, tree: left + box_width + 2 }
    }

    /// The number of rows.
    pub(super) fn height(&self) -> usize {
        self.rows.len()
    }

    /// Writes a text over what is there.
    pub(super) fn put(&mut self, row: usize, column: usize, text: &str) {
        while self.rows.len() <= row {
            self.rows.push(Vec::new());
        }
        let cells = &mut self.rows[row];
        let end = column + text.chars().count();
        if cells.len() < end {
            cells.resize(end, ' ');
        }
        for (cell, c) in cells[column..end].iter_mut().zip(text.chars()) {
            *cell = c;
        }
    }

    /// Adds a row with a text.
    pub(super) fn add(&mut self, column: usize, text: &str) {
        self.put(self.height(), column, text);
    }

    /// Writes a line down the rows from `from` to just before `to`, where nothing is yet.
    pub(super) fn down(&mut self, from: usize, to: usize, column: usize, c: char) {
        for row in from..to {
            let is_free = self.rows.get(row).and_then(|cells| cells.get(column)).is_none_or(|cell| *cell == ' ');
            if is_free {
                self.put(row, column, &c.to_string());
            }
        }
    }

    /// Writes a dotted line from above a row up to the corner where a bracket begins.
    pub(super) fn up(&mut self, row: usize, column: usize) {
        let is_corner = |row: &usize| self.rows[*row].get(column) == Some(&'.');
        if let Some(corner) = (0..row).rev().find(is_corner) {
            self.down(corner + 1, row, column, ':');
        }
    }

    /// The text, without spaces at the ends of lines.
    pub(super) fn text(&self) -> String {
        let line = |row: &Vec<char>| format!("{}\n", row.iter().collect::<String>().trim_end());
        self.rows.iter().map(line).collect()
    }
}
