"""The parts that sections and pages are drawn from: words and numbers, anchors, scales, the marks of charts."""
