// Wiring follows.
return 0;
