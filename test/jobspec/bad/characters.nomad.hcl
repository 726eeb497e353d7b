job "x" {
  type = 'batch'
  region = “eu”
  priority = 5;
  name = `n`
  all_at_once = true & false
}
