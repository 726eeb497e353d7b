"job" "x" {
}
