job "x" {
  type = 
  priority = 5 +
  region "eu"
  name = "${"
  datacenters = ["a" "b"]
  meta = { a 1 }
  namespace = (1
}
